import json

import pytest

COMPONENT = "metric/confusion-matrix"


@pytest.mark.image
def test_classes_are_counted_and_a_picture_is_drawn(component):
    (component.folder / "predictions.csv").write_text("target,prediction\n1,1.0\n1,2.0\n2,2.0\n10,1.0\n10,10.0\n10,10.0\n")
    component(data_csv="predictions.csv", metrics="m.json", picture="m.png").succeeded()
    metrics = json.loads((component.folder / "m.json").read_text())
    assert metrics["accuracy"] == 4 / 6
    ten = metrics["classes"]["10"]
    assert (ten["precision"], ten["recall"], ten["support"]) == (1.0, 2 / 3, 3)
    assert metrics["matrix"] == {"labels": ["1", "2", "10"], "counts": [[1, 1, 0], [0, 1, 0], [1, 0, 2]]}
    assert (component.folder / "m.png").read_bytes().startswith(b"\x89PNG")


def test_the_columns_must_be_there_and_filled(component):
    (component.folder / "predictions.csv").write_text("target,guess\n1,1\n2,\n")
    component(data_csv="predictions.csv", metrics="m.json", picture="m.png").failed("there is no column prediction", code=1)
    component(data_csv="predictions.csv", predicted_column="guess", metrics="m.json", picture="m.png").failed("1 rows have no guess; the first is row 3", code=1)
