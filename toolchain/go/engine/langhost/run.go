package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// The program's way to say that it has told the user what is wrong.
const alreadyReported = 32

// Run runs a program to its end.
func (h *host) Run(call context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, done := h.during(call)
	defer done()
	if request.GetAttachDebugger() {
		return nil, errors.New("this language host cannot attach a debugger; run without --attach-debugger")
	}
	tool, opts, err := python(request.GetInfo())
	if err != nil {
		return nil, err
	}
	if problem, err := typecheck(ctx, tool, opts); err != nil || problem != "" {
		return &pulumirpc.RunResponse{Error: problem}, err
	}
	cmd, err := tool.Command(ctx, h.programArguments(request)...)
	if err != nil {
		return nil, err
	}
	settings, err := configEnvironment(request)
	if err != nil {
		return nil, err
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, settings...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	h.children.Add(1)
	defer h.children.Done()
	return outcome(ctx, gently(cmd).Run()), nil
}

func outcome(ctx context.Context, err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case ctx.Err() != nil:
		return &pulumirpc.RunResponse{Error: "the program was ended because the operation was cancelled"}
	case errors.As(err, &exit) && exit.ExitCode() == alreadyReported:
		return &pulumirpc.RunResponse{Bail: true}
	case errors.As(err, &exit) && exit.Exited():
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", exit.ExitCode())}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program could not be run to its end: %v", err)}
	}
}

func (h *host) programArguments(request *pulumirpc.RunRequest) []string {
	arguments := []string{h.executor}
	for _, flag := range [][2]string{
		{"monitor", request.GetMonitorAddress()},
		{"engine", h.engine},
		{"project", request.GetProject()},
		{"root_directory", request.GetInfo().GetRootDirectory()},
		{"stack", request.GetStack()},
		{"pwd", request.GetPwd()},
		{"dry_run", strconv.FormatBool(request.GetDryRun())},
		{"parallel", strconv.Itoa(int(request.GetParallel()))},
		{"tracing", h.tracing},
		{"organization", request.GetOrganization()},
	} {
		if flag[1] != "" {
			arguments = append(arguments, "--"+flag[0], flag[1])
		}
	}
	entry := request.GetInfo().GetEntryPoint()
	if entry == "" {
		entry = "."
	}
	return append(append(arguments, entry), request.GetArgs()...)
}

// configEnvironment hands the settings over in the environment, as the SDK reads them.
func configEnvironment(request *pulumirpc.RunRequest) ([]string, error) {
	settings, secrets := request.GetConfig(), request.GetConfigSecretKeys()
	if settings == nil {
		settings = map[string]string{}
	}
	if secrets == nil {
		secrets = []string{}
	}
	config, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	keys, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(config), "PULUMI_CONFIG_SECRET_KEYS=" + string(keys)}, nil
}

func typecheck(ctx context.Context, tool toolchain.Toolchain, opts toolchain.PythonOptions) (string, error) {
	var module string
	var arguments []string
	switch opts.Typechecker {
	case toolchain.TypeCheckerMypy:
		module, arguments = "mypy", []string{"--no-error-summary"}
	case toolchain.TypeCheckerPyright:
		module = "pyright"
	default:
		return "", nil
	}
	cmd, err := tool.ModuleCommand(ctx, module, append(arguments, ".")...)
	if err != nil {
		return "", err
	}
	cmd.Dir = opts.ProgramDir
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := gently(cmd).Run(); err != nil {
		return fmt.Sprintf("%s refused the program: %v", module, err), nil
	}
	return "", nil
}
