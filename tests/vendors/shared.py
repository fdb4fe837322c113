"""The fixture of suites whose tests share servers, editors and a vendor server."""

import pytest

from tests.vendors.server import VendorServer


@pytest.fixture(autouse=True)
def vendors(shared_vendors: VendorServer) -> VendorServer:
    """Return the vendor server with no memory of former tests.

    For every test: what a stopped turn did not use would answer the next one's prompt.
    """
    shared_vendors.forget()
    return shared_vendors
