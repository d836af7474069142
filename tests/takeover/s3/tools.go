//go:build tools

// Package tools keeps an S3 server among the pinned modules: the tests of a shared state build it.
package tools

import _ "github.com/versity/versitygw/cmd/versitygw"
