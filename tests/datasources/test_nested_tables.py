"""Every way in which the original Congress made rows of nested objects has its declaration here, with the same rows.

The ids were computed by hand: `printf '%s' '[["cpu", 4], ["os", "linux"]]' | md5sum`.
"""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from congress.datalog.values import Real
from congress.datasources.contract import DriverError
from congress.datasources.registry import drivers
from congress.datasources.translate import (
    ENTRIES,
    ITEMS,
    KEY,
    SELF,
    Child,
    Field,
    Hash,
    Parent,
    Root,
    Table,
    TableInvalid,
    family,
    rows_by_table,
)

DIMENSIONS = Table("dimensions", (Field("id", Hash.ROWS), Field("key", KEY), Field("value", SELF)), ("dims", ENTRIES))
METRICS = Table("metrics", (Field("id"), Field("dimensions", Child(DIMENSIONS))))


# -- an object with known fields becomes a row (HDICT) ----------------------------------------------------------------


def test_columns_stand_in_the_order_of_their_declaration_and_may_have_other_names():
    table = Table("t", (Field("b"), Field("alias", "a")))
    assert rows_by_table((table,), [{"a": 1, "b": 2}]) == {"t": {(2, 1)}}


def test_a_row_may_begin_with_an_id_made_of_its_cells():
    table = Table("t", (Field("id", Hash.ROW), Field("name"), Field("size")))
    assert rows_by_table((table,), [{"name": "x", "size": 1}]) == {"t": {("eb7f9b4082f6f889e32eb37f50ac22d2", "x", 1)}}


def test_the_id_is_made_of_what_the_cells_became():
    table = Table("t", (Field("id", Hash.ROW), Field("a"), Field("b")))
    assert rows_by_table((table,), [{"a": None, "b": True}]) == {
        "t": {("ef3d25f039328e18ebd44097b53d4052", "None", "True")}
    }


def test_text_of_any_script_has_an_id():
    table = Table("t", (Field("id", Hash.ROW), Field("name")))
    assert rows_by_table((table,), [{"name": "café"}]) == {"t": {("b0c479f1db67ce697e5f54da78dfe221", "café")}}


def test_an_id_may_be_what_a_function_makes_of_the_object():
    table = Table("t", (Field("id", SELF, convert=lambda one: f"{one['a']}/{one['b']}"), Field("a")))
    assert rows_by_table((table,), [{"a": 1, "b": 2}]) == {"t": {("1/2", 1)}}


def test_objects_of_a_client_library_are_read_by_their_attributes():
    table = Table("t", (Field("name"), Field("uuid", ("config", "uuid")), Field("absent")))
    host = SimpleNamespace(name="h", config=SimpleNamespace(uuid="u"))
    assert rows_by_table((table,), [host]) == {"t": {("h", "u", "None")}}


def test_members_of_text_and_numbers_are_not_its_methods():
    table = Table("t", (Field("a", ("a", "title")), Field("b", ("b", "real")), Field("c", ("c", "count"))))
    assert rows_by_table((table,), [{"a": "x", "b": 5, "c": []}]) == {"t": {("None", "None", "None")}}


def test_a_list_of_objects_becomes_a_row_for_each():
    inner = Table("links", (Field("parent_key", Parent("id")), Field("href"), Field("rel")), ("links", ITEMS))
    stack = {"id": "s", "links": [{"href": "/a", "rel": "self"}, {"href": "/b"}]}
    assert rows_by_table((Table("stacks", (Field("id"),), children=(inner,)),), [stack]) == {
        "stacks": {("s",)},
        "links": {("s", "/a", "self"), ("s", "/b", "None")},
    }


# -- a dictionary whose keys are data becomes a row for each (VDICT) --------------------------------------------------


def test_entries_share_an_id_that_their_parent_has_in_its_column():
    found = rows_by_table((METRICS,), [{"id": "m", "dims": {"os": "linux", "cpu": 4}}])
    shared = "145023c2dcd55e9bd79b058193da96c6"
    assert found == {
        "metrics": {("m", shared)},
        "dimensions": {(shared, "os", "linux"), (shared, "cpu", 4)},
    }


def test_entries_with_the_key_of_their_parent_leave_it_without_a_column():
    inner = Table(
        "meta", (Field("server_id", Parent("id")), Field("key", KEY), Field("value", SELF)), ("meta", ENTRIES)
    )
    table = Table("servers", (Field("id"),), children=(inner,))
    assert rows_by_table((table,), [{"id": "s", "meta": {"a": "1", "b": "2"}}]) == {
        "servers": {("s",)},
        "meta": {("s", "a", "1"), ("s", "b", "2")},
    }


def test_values_of_entries_may_be_tables_themselves():
    cards = Table("cards", (Field("net", Parent("net")), Field("address", "addr")), (ITEMS,))
    nets = Table("nets", (Field("net", KEY),), ("nets", ENTRIES), children=(cards,))
    assert rows_by_table((nets,), [{"nets": {"a": [{"addr": "1"}, {"addr": "2"}], "b": []}}]) == {
        "nets": {("a",), ("b",)},
        "cards": {("a", "1"), ("a", "2")},
    }


# -- a list becomes a row for each of its items (LIST) ----------------------------------------------------------------


def test_items_share_an_id_whatever_their_order():
    inner = Table("dns", (Field("dns_id", Hash.ROWS), Field("address", SELF)), ("dns", ITEMS))
    hosts = Table("hosts", (Field("name"), Field("dns_id", Child(inner))))
    shared = "4634e4a13c478a704b0bf870577a31dd"
    assert rows_by_table((hosts,), [{"name": "h", "dns": ["b", "a"]}, {"name": "i", "dns": ["a", "b"]}]) == {
        "hosts": {("h", shared), ("i", shared)},
        "dns": {(shared, "a"), (shared, "b")},
    }


def test_items_of_different_kinds_have_an_order_for_their_id():
    table = Table("t", (Field("id", Hash.ROWS), Field("a"), Field("b")), ("list", ITEMS))
    items = [{"a": "1", "b": "a"}, {"a": 2, "b": "a"}, {"a": 1, "b": "a"}]
    assert {row[0] for row in rows_by_table((table,), [{"list": items}])["t"]} == {"a38da531fdd0864328b5351a5488fa00"}


def test_items_with_the_key_of_their_parent():
    tags = Table("tags", (Field("server_id", Parent("id")), Field("tag", SELF)), ("tags", ITEMS))
    servers = Table("servers", (Field("id"),), children=(tags,))
    assert rows_by_table((servers,), [{"id": "s", "tags": ["web", "blue"]}])["tags"] == {("s", "web"), ("s", "blue")}


def test_items_may_be_tables_themselves():
    cards = Table("cards", (Field("id", Hash.ROWS), Field("name", KEY), Field("address", SELF)), (ENTRIES,))
    table = Table("hosts", (Field("cards", Child(cards)),), ("hosts", ITEMS))
    shared = "05b5d302e80f9ed65d4c0b102e717126"
    assert rows_by_table((table,), [{"hosts": [{"eth0": "10.0.0.1", "eth1": "10.0.0.2"}]}]) == {
        "hosts": {(shared,)},
        "cards": {(shared, "eth0", "10.0.0.1"), (shared, "eth1", "10.0.0.2")},
    }


# -- a value becomes a cell (VALUE) -----------------------------------------------------------------------------------


def test_a_cell_may_be_extracted_by_a_function():
    table = Table("t", (Field("size", "size", convert=lambda size: size // 1024), Field("n", "tags", convert=len)))
    assert rows_by_table((table,), [{"size": 4096, "tags": ["a"]}]) == {"t": {(4, 1)}}


def test_a_function_that_was_not_made_for_what_came_leaves_it_as_it_is():
    table = Table("t", (Field("size", convert=lambda size: size // 1024),))
    assert rows_by_table((table,), [{"size": "large"}]) == {"t": {("large",)}}


def test_cells_are_converted_as_everywhere():
    table = Table("t", tuple(Field(name) for name in "abcdef"))
    found = rows_by_table((table,), [{"a": True, "b": None, "c": 1, "d": 0.5, "e": "1", "f": {"x": 1}}])
    assert found == {"t": {("True", "None", 1, Real(0.5), "1", "{'x': 1}")}}


# -- all of them: extraction of the objects, missing parts, depth -----------------------------------------------------


def test_the_objects_may_be_extracted_by_a_function():
    table = Table("t", (Field("id"),), (lambda one: sorted(one["set"], key=lambda each: each["id"]), ITEMS))
    assert rows_by_table((table,), [{"set": [{"id": 2}, {"id": 1}]}, {"no": "set"}, None]) == {"t": {(1,), (2,)}}


@pytest.mark.parametrize("metric", [{"id": "m"}, {"id": "m", "dims": None}, {"id": "m", "dims": "x"}])
def test_a_part_that_is_missing_has_no_id(metric):
    assert rows_by_table((METRICS,), [metric]) == {"metrics": {("m", "None")}, "dimensions": frozenset()}


def test_a_part_that_is_empty_has_the_id_of_nothing():
    assert rows_by_table((METRICS,), [{"id": "m", "dims": {}}]) == {
        "metrics": {("m", "d751713988987e9331980363e24189ce")},
        "dimensions": frozenset(),
    }


def test_ids_of_ids_and_keys_of_parents_reach_down_any_depth():
    dims = Table("a.metrics.dims", (Field("id", Hash.ROWS), Field("key", KEY), Field("value", SELF)), ("d", ENTRIES))
    metrics = Table(
        "a.metrics", (Field("alarm_id", Parent("alarm_id")), Field("id"), Field("d", Child(dims))), ("metrics", ITEMS)
    )
    alarms = Table("a", (Field("alarm_id"),), children=(metrics,))
    assert [table.name for table in family(alarms)] == ["a", "a.metrics", "a.metrics.dims"]
    alarm = {"alarm_id": "al", "metrics": [{"id": "m", "d": {"hostname": "h1"}}]}
    shared = "0e6ee06e7d071a6bb487d8cadc9884b2"
    assert rows_by_table((alarms,), [alarm]) == {
        "a": {("al",)},
        "a.metrics": {("al", "m", shared)},
        "a.metrics.dims": {(shared, "hostname", "h1")},
    }


def test_a_child_may_have_the_id_that_was_made_for_its_parent():
    links = Table("links", (Field("parent_key", Parent("id")), Field("href", SELF)), ("links", ITEMS))
    table = Table("t", (Field("id", Hash.ROW), Field("name")), children=(links,))
    made = "4c96bbc0e2390918dd50ef8e7eaff6e2"
    assert rows_by_table((table,), [{"name": "a", "links": ["/x"]}]) == {"t": {(made, "a")}, "links": {(made, "/x")}}


def test_one_table_may_lie_in_two_others():
    twice = Table("t", (Field("in", Child(DIMENSIONS)), Field("also", Child(DIMENSIONS))))
    assert len(rows_by_table((twice, METRICS), [{"id": "m", "dims": {"a": 1}}])["dimensions"]) == 1


def test_naming_the_tables_of_a_family_one_by_one_changes_nothing():
    metric = {"id": "m", "dims": {"a": 1}}
    assert rows_by_table(family(METRICS), [metric]) == rows_by_table((METRICS,), [metric])


# -- what cannot be declared ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: Table("t", (Field("a"), Field("a"))), "two columns of the same name"),
        (lambda: Table("t", (Field("a", Hash.ROW), Field("b", Hash.ROWS))), "two ids"),
        (
            lambda: Table("t", (Field("a", Child(Table("c", (Field("x"),)))),)),
            "needs a field whose source is Hash.ROWS",
        ),
        (
            lambda: Table(
                "t", (Field("a", Child(Table("c", (Field("i", Hash.ROWS), Field("x", Parent("a"))), (ITEMS,)))),)
            ),
            "none whose source is Parent",
        ),
        (lambda: Table("t", (Field("a"),), children=(Table("c", (Field("x", Parent("b")),)),)), "takes b of t"),
        (
            lambda: family(Table("t", (Field("a"),), children=(Table("c", (Field("x"),)), Table("c", (Field("y"),))))),
            "two different tables in t are called c",
        ),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(declare, message):
    with pytest.raises(TableInvalid, match=message):
        declare()


# -- whatever comes ---------------------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "dims", "tags", "nets", "addr", "x"]) | st.text(), inner, max_size=5)
    ),
    max_leaves=25,
)
EVERYTHING = (
    Table(
        "all",
        (
            Field("id"),
            Field("deep", ("x", "id")),
            Field("twice", convert=lambda one: one * 2),
            Field("dims", Child(DIMENSIONS)),
            Field("made", Hash.ROW),
        ),
        children=(
            Table("tags", (Field("made", Parent("made")), Field("tag", SELF)), ("tags", ITEMS)),
            Table("nets", (Field("net", KEY), Field("addr"), Field("root", Root("id"))), ("nets", ENTRIES, ITEMS)),
        ),
    ),
)


@given(st.lists(json_values, max_size=5))
def test_any_json_becomes_rows_of_the_declared_width_whose_cells_are_values(objects):
    width = {table.name: len(table.fields) for table in family(EVERYTHING[0])}
    found = rows_by_table(EVERYTHING, objects)
    assert set(found) == set(width)
    for name, rows in found.items():
        for row in rows:
            assert len(row) == width[name]
            assert all(type(cell) in (str, int, Real) for cell in row)


@given(st.lists(st.lists(json_values, max_size=3), max_size=4))
def test_pages_hold_together_what_the_whole_list_holds(pages):
    whole = rows_by_table(EVERYTHING, [one for page in pages for one in page])
    parts = [rows_by_table(EVERYTHING, page) for page in pages]
    assert {name: frozenset().union(*(part[name] for part in parts)) for name in whole} == whole


LISTING = [driver for driver in drivers().values() if hasattr(driver, "listings")]
PUSHED = [driver for driver in drivers().values() if not driver.polls]


@pytest.mark.parametrize("driver", LISTING, ids=lambda one: one.id)
@given(objects=st.lists(json_values, max_size=3))
def test_the_tables_of_every_driver_take_any_json(driver, objects):
    tables = driver.tables()
    for listing in driver.listings:
        for name, rows in rows_by_table(listing.tables, objects).items():
            assert {len(row) for row in rows} <= {len(tables[name])}


@pytest.mark.parametrize("driver", PUSHED, ids=lambda one: one.id)
@given(objects=st.lists(json_values, max_size=3))
def test_whatever_is_pushed_becomes_rows_or_is_refused(driver, objects):
    one = driver("d", {"description": "d"})
    for table in one.tables():
        try:
            found = one.translate(table, objects)
        except DriverError:
            continue
        assert all(len(row) == len(one.tables()[name]) for name, rows in found.items() for row in rows)
