"""Cells are held against the types of their columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from congress.datalog.values import Real, value
from congress.datasources.celltypes import CELL_TYPES, checks, fits
from congress.datasources.registry import drivers


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("Scalar", ["a", 1, Real(0.5)], []),
        ("Str", ["a", ""], [1, Real(1.0)]),
        ("Bool", ["True", "False"], ["true", 1, ""]),
        ("Int", [0, -5], ["5", Real(5.0)]),
        ("Float", [0, Real(0.5)], ["0.5"]),
        ("UUID", ["0a1b2c3d-0000-4000-8000-00000000000f", "0A1B2C3D00004000800000000000000F"], ["0a1b2c3d", 5]),
        ("IPAddress", ["10.0.0.1", "fe80::1"], ["10.0.0.256", "10.0.0.0/24", 167772161]),
        ("IPNetwork", ["10.0.0.0/24", "10.0.0.7/24", "fe80::/64"], ["10.0.0.0/33", "x"]),
        ("IngressEgress", ["ingress", "egress"], ["Ingress", "both"]),
        ("FloatingIPStatus", ["ACTIVE", "DOWN", "ERROR", "OTHER"], ["BUILD", "active"]),
        ("NeutronStatus", ["ACTIVE", "DOWN", "BUILD", "ERROR", "OTHER"], ["ALLOCATING"]),
        ("IPv4IPv6", [4, 6], [5, "4"]),
    ],
)
def test_a_cell_is_of_its_type_or_not(name, good, bad):
    wanted = checks([(name, True)])
    assert [fits((cell,), wanted) for cell in (*good, *bad)] == [True] * len(good) + [False] * len(bad)


def test_an_absent_value_fits_where_the_column_is_nullable():
    assert fits(("None",), checks([("Int", True)]))
    assert not fits(("None",), checks([("Int", False)]))
    assert not fits(("None",), checks([("Scalar", False)]))


def test_columns_that_take_anything_cost_nothing():
    assert checks([("Scalar", True), ("Int", True), ("Scalar", True)]) == checks([("Scalar", True), ("Int", True)])
    assert checks([("Scalar", True)]) == ()


@given(st.sampled_from(sorted(CELL_TYPES)), st.text() | st.integers() | st.floats() | st.booleans() | st.none())
def test_any_cell_fits_or_does_not(name, raw):
    assert fits((value(raw),), checks([(name, True)])) in (True, False)


@pytest.mark.parametrize("driver", drivers().values(), ids=drivers())
def test_drivers_declare_types_that_there_are(driver):
    assert {column.type for columns in driver.tables().values() for column in columns} <= set(CELL_TYPES)
