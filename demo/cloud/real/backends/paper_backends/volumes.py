"""A Cinder backend that succeeds at everything and stores nothing."""

from cinder.interface import volumedriver
from cinder.volume import driver


@volumedriver
class PaperVolumes(driver.VolumeDriver):
    VERSION = "1.0"

    def check_for_setup_error(self):
        pass

    def _update_volume_stats(self):
        self._stats = {
            "volume_backend_name": "paper",
            "vendor_name": "none",
            "driver_version": self.VERSION,
            "storage_protocol": "iSCSI",
            "pools": [
                {
                    "pool_name": "paper",
                    "total_capacity_gb": 100000,
                    "free_capacity_gb": 100000,
                    "reserved_percentage": 0,
                    "multiattach": True,
                }
            ],
        }

    def create_volume(self, volume):
        return {}

    def delete_volume(self, volume):
        pass

    def extend_volume(self, volume, new_size):
        pass

    def create_snapshot(self, snapshot):
        return {}

    def delete_snapshot(self, snapshot):
        pass

    def create_volume_from_snapshot(self, volume, snapshot):
        return {}

    def create_cloned_volume(self, volume, src_vref):
        return {}

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        return {}

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        return {"driver_volume_type": "iscsi", "data": {"access_mode": "rw", "volume_id": volume.id}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass
