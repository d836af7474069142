//go:build tools

// Package tools keeps the unmodified OpenTofu among the pinned modules.
package tools

import _ "github.com/opentofu/opentofu/cmd/tofu"
