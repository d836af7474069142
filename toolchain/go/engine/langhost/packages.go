package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// Runs in the program's interpreter, because only that one knows which packages the program gets. It needs no pip.
//
//go:embed packages.py
var packagesScript string

type foundPackage struct {
	Name             string `json:"name"`
	Version          string `json:"version"`
	Server           string `json:"server"`
	Parameterization *struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Value   []byte `json:"value"`
	} `json:"parameterization"`
}

// ask runs the script and reads its JSON answer.
func ask(ctx context.Context, tool toolchain.Toolchain, question string, answer any) error {
	cmd, err := tool.Command(ctx, "-c", packagesScript, question)
	if err != nil {
		return err
	}
	var stdout, stderr bytes.Buffer
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	// A file of the program must not stand in for a module of the standard library.
	cmd.Env = append(cmd.Env, "PYTHONSAFEPATH=1")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := gently(cmd).Run(); err != nil {
		return fmt.Errorf("cannot list the Python packages with %s: %w\n%s",
			cmd.Path, err, strings.TrimSpace(stderr.String()))
	}
	return json.Unmarshal(stdout.Bytes(), answer)
}

// GetRequiredPackages names the resource plugins of the program's installed packages, with their versions.
func (h *host) GetRequiredPackages(
	call context.Context, request *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	ctx, done := h.during(call)
	defer done()
	tool, _, err := python(request.GetInfo())
	if err != nil {
		return nil, err
	}
	var found []foundPackage
	if err := ask(ctx, tool, "plugins", &found); err != nil {
		return nil, err
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	for _, one := range found {
		dependency := &pulumirpc.PackageDependency{
			Name: one.Name, Kind: "resource", Version: one.Version, Server: one.Server,
		}
		if given := one.Parameterization; given != nil {
			dependency.Parameterization = &pulumirpc.PackageParameterization{
				Name: given.Name, Version: given.Version, Value: given.Value,
			}
		}
		response.Packages = append(response.Packages, dependency)
	}
	return response, nil
}

// GetProgramDependencies lists the installed packages, for `pulumi about`.
func (h *host) GetProgramDependencies(
	call context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	ctx, done := h.during(call)
	defer done()
	tool, _, err := python(request.GetInfo())
	if err != nil {
		return nil, err
	}
	question := "direct"
	if request.GetTransitiveDependencies() {
		question = "all"
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	return response, ask(ctx, tool, question, &response.Dependencies)
}

// About describes the program's Python.
func (h *host) About(call context.Context, request *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	ctx, done := h.during(call)
	defer done()
	if request.GetInfo() == nil {
		path, _, err := toolchain.CommandPath()
		if err != nil {
			return nil, err
		}
		output, err := exec.CommandContext(ctx, path, "-c", "import platform; print(platform.python_version())").Output()
		return &pulumirpc.AboutResponse{Executable: path, Version: strings.TrimSpace(string(output))}, err
	}
	tool, opts, err := python(request.GetInfo())
	if err != nil {
		return nil, err
	}
	about := struct {
		Executable string `json:"executable"`
		Version    string `json:"version"`
	}{}
	if err := ask(ctx, tool, "about", &about); err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{
		Executable: about.Executable, Version: about.Version,
		Metadata: map[string]string{"toolchain": strings.ToLower(toolchain.Name(opts.Toolchain))},
	}, nil
}
