# Sourced: the cloud that the contract suite is held against is the one of OS_CLOUD, else the one that up.sh started.
. tests/contract/real/env.sh
if [ -z "${OS_CLOUD:-}" ]; then
  export OS_CLOUD=real-demo OS_CLIENT_CONFIG_FILE=$ROOT/clouds.yaml
  ours nova >/dev/null || { echo 'No real OpenStack runs here: make openstack starts one, OS_CLOUD=... names another.' >&2; exit 1; }
fi
