package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-provider-openstack/terraform-provider-openstack/v3/openstack"
)

// The version of the Python package whose names this plugin serves; the build sets it.
var version = "5.5.3"

// One line a token: the kind, the Terraform name, the token.
//
//go:embed names.txt
var names string

// Settings whose default the Python package reads from the environment, too. Terraform's own defaults cover the rest.
var environmentDefaults = map[string]string{
	"allow_reauth":  "OS_ALLOW_REAUTH",
	"cloud":         "OS_CLOUD",
	"delayed_auth":  "OS_DELAYED_AUTH",
	"endpoint_type": "OS_ENDPOINT_TYPE",
	"insecure":      "OS_INSECURE",
	"region":        "OS_REGION_NAME",
	"swauth":        "OS_SWAUTH",
}

// Properties whose name is not the one that the bridge derives.
var renamed = map[string]map[string]string{
	"openstack_networking_subnet_v2":   {"allocation_pool": "allocationPools"},
	"openstack_orchestration_stack_v1": {"outputs": "StackOutputs"},
}

type name struct{ kind, terraform, token string }

func parse(table string) ([]name, error) {
	var parsed []name
	for number, line := range strings.Split(strings.TrimSpace(table), "\n") {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			return nil, fmt.Errorf("names.txt line %d: want a kind, a Terraform name and a token, got %q", number+1, line)
		}
		parsed = append(parsed, name{fields[0], fields[1], fields[2]})
	}
	return parsed, nil
}

func provider() (tfbridge.ProviderInfo, error) {
	table, err := parse(names)
	if err != nil {
		return tfbridge.ProviderInfo{}, err
	}
	terraform := shimv2.NewProvider(openstack.Provider())
	info := tfbridge.ProviderInfo{
		P: terraform, Name: "openstack", Version: version,
		Config:      map[string]*tfbridge.SchemaInfo{},
		Resources:   map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{},
	}
	for setting, variable := range environmentDefaults {
		info.Config[setting] = &tfbridge.SchemaInfo{Default: &tfbridge.DefaultInfo{EnvVars: []string{variable}}}
	}
	var former []name
	for _, one := range table {
		switch one.kind {
		case "resource":
			info.Resources[one.terraform] = &tfbridge.ResourceInfo{Tok: tokens.Type(one.token), Fields: fields(one.terraform)}
		case "function":
			info.DataSources[one.terraform] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(one.token)}
		case "former-resource", "former-function":
			former = append(former, one)
		default:
			return info, fmt.Errorf("names.txt: unknown kind %q", one.kind)
		}
	}
	for _, one := range former {
		if err := serveFormer(&info, one); err != nil {
			return info, err
		}
	}
	info.SetAutonaming(255, "-")
	return info, complete(info)
}

func fields(terraform string) map[string]*tfbridge.SchemaInfo {
	infos := map[string]*tfbridge.SchemaInfo{}
	for property, name := range renamed[terraform] {
		infos[property] = &tfbridge.SchemaInfo{Name: name}
	}
	return infos
}

// serveFormer keeps an earlier token working: programs and states that still have it get the same resource or function.
func serveFormer(info *tfbridge.ProviderInfo, one name) error {
	if one.kind == "former-function" {
		now, ok := info.DataSources[one.terraform]
		if !ok {
			return fmt.Errorf("names.txt: %s has a former token and no token", one.terraform)
		}
		before, after := tokens.ModuleMember(one.token), now.Tok
		info.RenameDataSource(one.terraform, before, after, "index", string(after.Module().Name()), now)
		return nil
	}
	now, ok := info.Resources[one.terraform]
	if !ok {
		return fmt.Errorf("names.txt: %s has a former token and no token", one.terraform)
	}
	before, after := tokens.Type(one.token), now.Tok
	info.RenameResourceWithAlias(one.terraform, before, after, "index", string(after.Module().Name()), now)
	return nil
}

// complete refuses a table that leaves a resource or function of the Terraform provider out, or names one that it does not have.
func complete(info tfbridge.ProviderInfo) error {
	var wrong []string
	info.P.ResourcesMap().Range(func(terraform string, _ shim.Resource) bool {
		if _, ok := info.Resources[terraform]; !ok {
			wrong = append(wrong, "no token for resource "+terraform)
		}
		return true
	})
	info.P.DataSourcesMap().Range(func(terraform string, _ shim.Resource) bool {
		if _, ok := info.DataSources[terraform]; !ok {
			wrong = append(wrong, "no token for function "+terraform)
		}
		return true
	})
	for terraform := range info.Resources {
		if _, ok := info.P.ResourcesMap().GetOk(terraform); !ok {
			wrong = append(wrong, "unknown resource "+terraform)
		}
	}
	for terraform := range info.DataSources {
		if _, ok := info.P.DataSourcesMap().GetOk(terraform); !ok {
			wrong = append(wrong, "unknown function "+terraform)
		}
	}
	if wrong != nil {
		return fmt.Errorf("names.txt does not fit the Terraform provider: %s", strings.Join(wrong, "; "))
	}
	return nil
}
