package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// RunPlugin runs a policy pack or a resource plugin that is written in Python, to its end.
func (h *host) RunPlugin(
	request *pulumirpc.RunPluginRequest, stream pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	ctx, done := h.during(stream.Context())
	defer done()
	tool, _, err := python(request.GetInfo())
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false)
	if err != nil {
		return err
	}
	defer closer.Close()
	h.children.Add(1)
	defer h.children.Done()
	if request.GetKind() == "analyzer" {
		err = runPack(ctx, tool, request, stdout, stderr)
	} else {
		err = runPlugin(ctx, tool, request, stdout, stderr)
	}
	code, err := exitCode(ctx, err)
	if err != nil {
		return err
	}
	return stream.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: code},
	})
}

// exitCode tells a plugin that ended, or was asked to, from one that could not be run.
func exitCode(ctx context.Context, err error) (int32, error) {
	var exit *exec.ExitError
	switch {
	case err == nil, ctx.Err() != nil:
		return 0, nil
	case errors.As(err, &exit) && exit.Exited():
		return int32(exit.ExitCode()), nil //nolint:gosec // an exit code is below 256
	default:
		return 0, err
	}
}

func runPlugin(
	ctx context.Context, tool toolchain.Toolchain, request *pulumirpc.RunPluginRequest, stdout, stderr io.Writer,
) error {
	program := filepath.Join(request.GetInfo().GetProgramDirectory(), request.GetInfo().GetEntryPoint())
	cmd, err := tool.Command(ctx, append([]string{"-u", program}, request.GetArgs()...)...)
	if err != nil {
		return err
	}
	if cmd.Env, err = environment(ctx, tool, request.GetEnv()); err != nil {
		return err
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = request.GetPwd(), stdout, stderr
	return gently(cmd).Run()
}

// runPack answers the engine itself until the stack is known, and then runs the pack, which reads the stack from its environment.
func runPack(
	ctx context.Context, tool toolchain.Toolchain, request *pulumirpc.RunPluginRequest, stdout, stderr io.Writer,
) error {
	folder := request.GetInfo().GetProgramDirectory()
	arguments := append([]string{"-u", "-m", "pulumi.policy"}, request.GetArgs()...)
	cmd, err := tool.Command(ctx, append(arguments, folder)...)
	if err != nil {
		return err
	}
	if cmd.Env, err = environment(ctx, tool, request.GetEnv()); err != nil {
		return err
	}
	proxy, packOutput, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return err
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return err
	}
	if stack != nil {
		known, err := stackEnvironment(stack)
		if err != nil {
			return err
		}
		cmd.Env = append(cmd.Env, known...)
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, packOutput, stderr
	if err := gently(cmd).Start(); err != nil {
		return fmt.Errorf("cannot start the policy pack in %s: %w", folder, err)
	}
	// It returns as soon as the context ends; the process of this host would then be gone before the pack heard of it, and the pack
	// would stay behind for ever.
	defer end(cmd.Process)
	return proxy.Attach(ctx, cmd)
}

// end asks a process to end and waits until it did, and kills it where it does not listen. Somebody else must be waiting for it.
func end(process *os.Process) {
	if process.Signal(syscall.SIGTERM) != nil {
		return
	}
	for deadline := time.Now().Add(childGrace); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if process.Signal(syscall.Signal(0)) != nil {
			return
		}
	}
	_ = process.Kill()
}

// environment is the engine's, with the virtual environment on top: a caller's PATH must not decide which Python a pack gets.
func environment(ctx context.Context, tool toolchain.Toolchain, given []string) ([]string, error) {
	path, err := tool.VirtualEnvPath(ctx)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return append([]string{}, given...), nil
	}
	return toolchain.ActivateVirtualEnv(given, path), nil
}

func stackEnvironment(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	variables := []string{
		"PULUMI_ORGANIZATION=" + stack.GetOrganization(),
		"PULUMI_PROJECT=" + stack.GetProject(),
		"PULUMI_STACK=" + stack.GetStack(),
		"PULUMI_DRY_RUN=" + strconv.FormatBool(stack.GetDryRun()),
	}
	if settings := stack.GetConfig(); settings != nil {
		config, err := json.Marshal(settings)
		if err != nil {
			return nil, err
		}
		variables = append(variables, "PULUMI_CONFIG="+string(config))
	}
	return variables, nil
}
