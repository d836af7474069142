// Command pulumi-resource-openstack is the OpenStack resource plugin of Pulumi: terraform-provider-openstack behind the Terraform bridge,
// with the tokens, names, defaults and secrets that the Python package pulumi_openstack of the same version expects.
//
// Beside what every bridged plugin understands, `-tokens` prints the served tokens and `-schema` every token's properties, as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

// How long the requests under way may take to finish once the engine has asked the plugin to end; the engine itself kills after 5 s.
const graceful = 2 * time.Second

func main() {
	info, err := provider()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-openstack:", err)
		os.Exit(1)
	}
	if len(os.Args) == 2 && (os.Args[1] == "-tokens" || os.Args[1] == "-schema") {
		if err := describe(info, os.Args[1] == "-schema"); err != nil {
			fmt.Fprintln(os.Stderr, "pulumi-resource-openstack:", err)
			os.Exit(1)
		}
		return
	}
	endInTime()
	stub, err := json.Marshal(map[string]string{"name": info.Name, "version": info.Version})
	if err != nil {
		panic(err)
	}
	tfbridge.Main(info.Name, info.Version, info, stub)
}

// endInTime sets a limit to the server's graceful stop. Asking for the signal also takes SIGINT up where a shell's background job left
// it ignored; without that the engine would wait 5 s for every plugin.
func endInTime() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-asked
		time.Sleep(graceful)
		os.Exit(0)
	}()
}
