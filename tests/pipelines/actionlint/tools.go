//go:build tools

// Package actionlint pins the program that the pipelines' workflow is checked with.
package actionlint

import _ "github.com/rhysd/actionlint/cmd/actionlint"
