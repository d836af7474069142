package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// InstallDependencies installs what a program states that it needs: its requirements.txt, or else the project of its pyproject.toml.
//
// Into a virtual environment that is there it installs just that. Everything else (a missing one, poetry, uv) is left to the SDK's own
// toolchain package.
func (h *host) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, stream pulumirpc.LanguageRuntime_InstallDependenciesServer,
) (err error) {
	ctx, done := h.during(stream.Context())
	defer done()
	opts, err := options(request.GetInfo())
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(stream, request.GetIsTerminal())
	if err != nil {
		return err
	}
	defer func() {
		// Closing waits until all output is on its way.
		if closed := closer.Close(); err == nil {
			err = closed
		}
	}()
	tool, err := toolchain.ResolveToolchain(opts)
	if err != nil {
		return err
	}
	folder, file := requirements(opts)
	if opts.Toolchain != toolchain.Pip || !toolchain.IsVirtualEnv(virtualenvPath(opts)) {
		err := tool.InstallDependencies(ctx, folder, request.GetUseLanguageVersionTools(), true, stdout, stderr)
		if err != nil || opts.Toolchain != toolchain.Pip || file != "pyproject.toml" {
			return err
		}
	}
	arguments := map[string][]string{
		"requirements.txt": {"install", "--requirement", "requirements.txt"},
		"pyproject.toml":   {"install", "--editable", "."},
	}[file]
	if arguments == nil {
		fmt.Fprintf(stdout, "%s states nothing to install\n", opts.ProgramDir)
		return nil
	}
	cmd, err := tool.ModuleCommand(ctx, "pip", arguments...)
	if err != nil {
		return err
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, stdout, stderr
	fmt.Fprintf(stdout, "Installing what %s states...\n", filepath.Join(folder, file))
	h.children.Add(1)
	defer h.children.Done()
	if err := gently(cmd).Run(); err != nil {
		return fmt.Errorf("installing what %s states failed: %w", filepath.Join(folder, file), err)
	}
	return nil
}

// requirements finds the file that states them, in the program's folder or else in the project's root.
func requirements(opts toolchain.PythonOptions) (folder, file string) {
	for _, file := range []string{"requirements.txt", "pyproject.toml"} {
		for _, folder := range []string{opts.ProgramDir, opts.Root} {
			if _, err := os.Stat(filepath.Join(folder, file)); err == nil {
				return folder, file
			}
		}
	}
	return opts.ProgramDir, ""
}
