package main

import (
	"encoding/json"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// A property as a program sees it.
type property struct {
	Input      bool                `json:"input,omitempty"`
	Required   bool                `json:"required,omitempty"`
	Secret     bool                `json:"secret,omitempty"`
	List       bool                `json:"list,omitempty"`
	Autonamed  bool                `json:"autonamed,omitempty"`
	Env        []string            `json:"env,omitempty"`
	Properties map[string]property `json:"properties,omitempty"`
}

// describe prints what is served: {"config": ..., "resources": {token: ...}, "functions": {token: ...}}.
func describe(info tfbridge.ProviderInfo, whole bool) error {
	properties := func(schemas shim.SchemaMap, infos map[string]*tfbridge.SchemaInfo) map[string]property {
		if !whole {
			return map[string]property{}
		}
		return describeMap(schemas, infos)
	}
	resources, functions := map[string]map[string]property{}, map[string]map[string]property{}
	for terraform, one := range info.Resources {
		resources[string(one.Tok)] = properties(info.P.ResourcesMap().Get(terraform).Schema(), one.Fields)
	}
	for terraform, one := range info.DataSources {
		functions[string(one.Tok)] = properties(info.P.DataSourcesMap().Get(terraform).Schema(), one.Fields)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"version": info.Version, "config": properties(info.P.Schema(), info.Config),
		"resources": resources, "functions": functions,
	})
}

func describeMap(schemas shim.SchemaMap, infos map[string]*tfbridge.SchemaInfo) map[string]property {
	described := map[string]property{}
	schemas.Range(func(terraform string, schema shim.Schema) bool {
		info := infos[terraform]
		described[tfbridge.TerraformToPulumiNameV2(terraform, schemas, infos)] = describeOne(schema, info)
		return true
	})
	return described
}

func describeOne(schema shim.Schema, info *tfbridge.SchemaInfo) property {
	one := property{
		Input: schema.Optional() || schema.Required(), Required: schema.Required(), Secret: schema.Sensitive(),
		List: (schema.Type() == shim.TypeList || schema.Type() == shim.TypeSet) && !tfbridge.IsMaxItemsOne(schema, info),
	}
	if info != nil && info.Default != nil {
		one.Autonamed, one.Env = info.Default.AutoNamed, info.Default.EnvVars
	}
	if nested, ok := schema.Elem().(shim.Resource); ok {
		var infos map[string]*tfbridge.SchemaInfo
		if info != nil && info.Elem != nil {
			infos = info.Elem.Fields
		}
		one.Properties = describeMap(nested.Schema(), infos)
	}
	return one
}
