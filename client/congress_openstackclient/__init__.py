"""Commands `openstack congress ...` for what Congress 12 has and the original had not.

They stand beside those of python-congressclient (`openstack congress policy|datasource|driver|version ...`), which
works with Congress 12 as it is. Nothing of the service is needed to install them.
"""
