"""Back ends that succeed without doing anything, at the two plug-in points that need one.

Keystone, Nova, Neutron, Cinder, Glance and Placement themselves are unmodified.
"""

from neutron_lib import constants
from neutron_lib.plugins.ml2 import api


class NoopMechanismDriver(api.MechanismDriver):
    """ML2: bind any port on any host at once, so it goes ACTIVE and Nova is told so."""

    def initialize(self):
        pass

    def bind_port(self, context):
        segment = context.segments_to_bind[0]
        context.set_binding(segment[api.ID], "ovs", {"port_filter": True}, status=constants.PORT_STATUS_ACTIVE)


def __getattr__(name):
    """Cinder: its own logging test driver, with images "cloned" instead of written.

    Built on first use, so that Neutron never imports Cinder.
    """
    if name != "NoopVolumeDriver":
        raise AttributeError(name)
    from cinder.tests import fake_driver

    class NoopVolumeDriver(fake_driver.FakeLoggingVolumeDriver):
        def clone_image(self, *_):
            return {}, True

        def copy_volume_to_image(self, context, _volume, image_service, meta):
            import io

            image_service.update(context, meta["id"], {}, io.BytesIO(b"\0" * 512))

    globals()[name] = NoopVolumeDriver
    return NoopVolumeDriver
