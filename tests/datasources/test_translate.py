"""Objects of an API become rows as the declaration of the table says."""

import pytest

from congress.datalog.values import Real
from congress.datasources.contract import BadPushedData
from congress.datasources.translate import ENTRIES, ITEMS, KEY, SELF, Field, Root, Table, pushed_rows, rows_by_table

SERVER = {
    "id": "s1",
    "name": "café",
    "locked": True,
    "load": 0.5,
    "cpus": 4,
    "image": {"id": "i1"},
    "tags": ["web", "blue"],
    "addresses": {"front": [{"addr": "10.0.0.1"}, {"addr": "10.0.0.2"}], "back": [{"addr": "10.1.0.1"}]},
}


def test_a_member_becomes_a_cell():
    assert rows_by_table((Table("t", (Field("id"), Field("label", "name"))),), [SERVER]) == {"t": {("s1", "café")}}


def test_numbers_stay_numbers_and_truth_values_become_words():
    table = Table("t", (Field("cpus"), Field("load"), Field("locked")))
    assert rows_by_table((table,), [SERVER]) == {"t": {(4, Real(0.5), "True")}}


def test_what_an_object_lacks_is_the_word_none():
    table = Table("t", (Field("absent"), Field("deep", ("image", "absent")), Field("deeper", ("name", "x"))))
    assert rows_by_table((table,), [SERVER]) == {"t": {("None", "None", "None")}}


def test_a_member_of_a_member_becomes_a_cell():
    assert rows_by_table((Table("t", (Field("image_id", ("image", "id")),)),), [SERVER]) == {"t": {("i1",)}}


def test_each_item_of_a_list_becomes_a_row_with_the_id_of_its_parent():
    table = Table("tags", (Field("server_id", Root("id")), Field("tag", SELF)), walk=("tags", ITEMS))
    assert rows_by_table((table,), [SERVER]) == {"tags": {("s1", "web"), ("s1", "blue")}}


def test_keys_of_a_dictionary_that_are_data_become_cells():
    fields = (Field("server_id", Root("id")), Field("network", KEY), Field("address", "addr"))
    table = Table("addresses", fields, walk=("addresses", ENTRIES, ITEMS))
    assert rows_by_table((table,), [SERVER]) == {
        "addresses": {("s1", "front", "10.0.0.1"), ("s1", "front", "10.0.0.2"), ("s1", "back", "10.1.0.1")}
    }


@pytest.mark.parametrize("tags", [None, "web", {"a": 1}, 3])
def test_a_nested_part_of_another_shape_holds_no_rows(tags):
    table = Table("tags", (Field("tag", SELF),), walk=("tags", ITEMS))
    assert rows_by_table((table,), [{"id": "s1", "tags": tags}]) == {"tags": frozenset()}


def test_a_conversion_is_not_asked_about_nothing():
    table = Table("t", (Field("name", convert=str.upper), Field("absent", convert=str.upper)))
    assert rows_by_table((table,), [SERVER]) == {"t": {("CAFÉ", "None")}}


def test_pushed_data_that_is_no_object_is_refused_by_its_position():
    with pytest.raises(BadPushedData, match="item 1 of the pushed list is str"):
        pushed_rows((Table("t", (Field("id"),)),), [{"id": 1}, "x"])
