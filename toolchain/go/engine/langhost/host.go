package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/protobuf/types/known/emptypb"
)

// What a child gets between being asked to end and being killed.
const childGrace = time.Second

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	engine, executor, tracing string

	ctx      context.Context
	cancel   context.CancelFunc
	children sync.WaitGroup
}

func newHost(ctx context.Context, engine, executor, tracing string) *host {
	h := &host{engine: engine, executor: executor, tracing: tracing}
	h.ctx, h.cancel = context.WithCancel(ctx)
	return h
}

// during gives a context that ends with the call, with the host, and with Cancel.
func (h *host) during(call context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(call)
	stop := context.AfterFunc(h.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// wait gives the children that were asked to end at most the given time.
func (h *host) wait(limit time.Duration) {
	ended := make(chan struct{})
	go func() { h.children.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(limit):
	}
}

// gently makes the end of a child's context a SIGTERM first and a kill later. Python ends without a word at SIGTERM, where SIGINT
// would put a KeyboardInterrupt traceback in front of the user.
func gently(cmd *exec.Cmd) *exec.Cmd {
	cmd.Cancel = func() error {
		err := cmd.Process.Signal(syscall.SIGTERM)
		if errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		return err
	}
	cmd.WaitDelay = childGrace
	return cmd
}

// Cancel ends whatever this host started.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancel()
	return &emptypb.Empty{}, nil
}

// Handshake takes the engine's address from an engine that attached to a running host.
func (h *host) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.engine = request.GetEngineAddress()
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// RuntimeOptionsPrompts asks nothing: a project states its options in its file.
func (h *host) RuntimeOptionsPrompts(
	context.Context, *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	return &pulumirpc.RuntimeOptionsResponse{}, nil
}

// Template changes nothing in a new project.
func (h *host) Template(context.Context, *pulumirpc.TemplateRequest) (*pulumirpc.TemplateResponse, error) {
	return &pulumirpc.TemplateResponse{}, nil
}

// options reads `runtime: {name: python, options: {...}}`.
func options(info *pulumirpc.ProgramInfo) (toolchain.PythonOptions, error) {
	stated := info.GetOptions().AsMap()
	opts := toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory()}
	text := func(key string) (string, error) {
		switch value := stated[key].(type) {
		case nil:
			return "", nil
		case string:
			return value, nil
		default:
			return "", fmt.Errorf("runtime option `%s` must be a text, not %v", key, value)
		}
	}
	var err error
	if opts.Virtualenv, err = text("virtualenv"); err != nil {
		return opts, err
	}
	name, err := text("toolchain")
	if err != nil {
		return opts, err
	}
	switch name {
	case "":
	case "pip":
		opts.Toolchain = toolchain.Pip
	case "uv":
		opts.Toolchain = toolchain.Uv
	case "poetry":
		opts.Toolchain = toolchain.Poetry
	default:
		return opts, fmt.Errorf("runtime option `toolchain` is %q; it must be pip, uv or poetry", name)
	}
	checker, err := text("typechecker")
	if err != nil {
		return opts, err
	}
	switch checker {
	case "":
	case "mypy":
		opts.Typechecker = toolchain.TypeCheckerMypy
	case "pyright":
		opts.Typechecker = toolchain.TypeCheckerPyright
	default:
		return opts, fmt.Errorf("runtime option `typechecker` is %q; it must be mypy or pyright", checker)
	}
	return opts, nil
}

// python is the toolchain of a program. A virtual environment that is stated and not there is an error, never created on the way: it
// would hide a missing set-up and reach for the network in the middle of a preview.
func python(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, toolchain.PythonOptions, error) {
	opts, err := options(info)
	if err != nil {
		return nil, opts, err
	}
	if path := virtualenvPath(opts); path != "" && !toolchain.IsVirtualEnv(path) {
		return nil, opts, missingVirtualenv(opts, path)
	}
	resolved, err := toolchain.ResolveToolchain(opts)
	return resolved, opts, err
}

func virtualenvPath(opts toolchain.PythonOptions) string {
	if opts.Virtualenv == "" || filepath.IsAbs(opts.Virtualenv) {
		return opts.Virtualenv
	}
	return filepath.Join(opts.Root, opts.Virtualenv)
}

func missingVirtualenv(opts toolchain.PythonOptions, path string) error {
	wrong := "does not exist"
	if _, err := os.Stat(path); err == nil {
		wrong = "is not a virtual environment (it has no python)"
	}
	fix := fmt.Sprintf("run `python3 -m venv %s` and install the program's requirements into it", path)
	if root := setupRoot(opts.Root); root != "" {
		fix = fmt.Sprintf("run `make setup` in %s", root)
	}
	return fmt.Errorf("the virtual environment `%s` that %s names (%s) %s. Fix: %s",
		opts.Virtualenv, projectFile(opts.Root), path, wrong, fix)
}

// setupRoot is the nearest folder upward that has a Makefile, or nothing.
func setupRoot(folder string) string {
	for {
		if _, err := os.Stat(filepath.Join(folder, "Makefile")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return ""
		}
		folder = parent
	}
}

func projectFile(root string) string {
	for _, name := range []string{"PulumiPolicy.yaml", "PulumiPlugin.yaml"} {
		path := filepath.Join(root, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return filepath.Join(root, "Pulumi.yaml")
}
