//go:build tools

// Package tools keeps the unmodified Pulumi CLI among the pinned modules.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
