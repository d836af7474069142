// Command pulumi-language-python lets the Pulumi engine run Python programs and policy packs.
//
// It is started by the engine as `pulumi-language-python [flags] <engine address>`, answers the LanguageRuntime service on a loopback port
// that it prints as its first line, and ends when the engine asks it to (SIGINT), when it is terminated, or when the engine is gone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// How long the answers under way may take to finish once the end is asked for; the engine itself kills after 5 s.
const graceful = 2 * time.Second

// How often the engine's health is asked for, so that no host outlives a killed engine for long.
const engineHealth = time.Minute

func main() {
	showVersion := flag.Bool("version", false, "print the version and exit")
	executor := flag.String("use-executor", "", "the script that runs a program, instead of the one beside this file")
	tracing := flag.String("tracing", "", "a tracing endpoint, handed to the program")
	flag.Parse()
	if *showVersion {
		fmt.Println(version.Version)
		return
	}
	logging.InitLogging(false, 0, false)
	if err := serve(*executor, *tracing, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}

func serve(executor, tracing, engine string) error {
	// Notify takes SIGINT up even where a shell's background job left it ignored; without it the engine would wait 5 s for every host.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if executor == "" {
		beside, err := besideSelf("pulumi-language-python-exec")
		if err != nil {
			return err
		}
		executor = beside
	}
	if engine != "" {
		if err := rpcutil.Healthcheck(ctx, engine, engineHealth, stop); err != nil {
			return fmt.Errorf("cannot watch the engine at %s: %w", engine, err)
		}
	}
	host := newHost(ctx, engine, executor, tracing)
	cancel := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Println(handle.Port)
	select {
	case err := <-handle.Done:
		return err
	case <-ctx.Done():
	}
	close(cancel)
	select {
	case err := <-handle.Done:
		host.wait(graceful)
		return err
	case <-time.After(graceful):
		return nil
	}
}

// besideSelf is the path of a file in the folder of the real executable.
func besideSelf(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(self); err == nil {
		self = real
	}
	path := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%s is missing beside %s; `ecs toolchain install` puts it back", name, self)
	}
	return path, nil
}
