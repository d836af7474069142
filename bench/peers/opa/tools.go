//go:build tools

// Package tools keeps the unmodified OPA among the pinned modules.
package tools

import _ "github.com/open-policy-agent/opa"
