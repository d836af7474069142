//go:build tools

// Package tools keeps the unmodified OpenStack provider among the pinned modules, of the version that the toolchain's plugin wraps.
package tools

import _ "github.com/terraform-provider-openstack/terraform-provider-openstack/v3"
