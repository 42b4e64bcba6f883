using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class ImportTests
{
    private const string Code = "import-not-found";

    [Theory]
    [InlineData("import os, sys as s\nimport pandas as pd\n", 2, 8)]
    [InlineData("import pandas.io.json", 1, 8)]
    [InlineData("import os; import pandas", 1, 19)]
    [InlineData("from pandas import (\n  DataFrame,\n)\n", 1, 6)]
    [InlineData("def f():\n    import pandas\n", 2, 12)]
    [InlineData("if True: import pandas", 1, 17)]
    [InlineData("try:\n    import pandas\nfinally:\n    pass\n", 2, 12)]
    [InlineData("try:\n    import pandas\nexcept ValueError:\n    pass\n", 2, 12)]
    [InlineData("try:\n    x = 1\nexcept ImportError:\n    pass\nimport pandas", 5, 8)]
    public void An_import_that_is_found_nowhere_is_a_warning_at_its_place(string source, int line, int column)
    {
        var warning = Reading.Script(source).Only(Code);
        Assert.Equal((Severity.Warning, line, column), (warning.Severity, warning.Position.Line, warning.Position.Column));
        Assert.Contains("pandas", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import os, json.decoder, xml.etree.ElementTree as e\nfrom __future__ import annotations\nfrom distutils.util import strtobool\nimport tomllib")]
    [InlineData("try:\n    import pandas\nexcept ImportError:\n    pandas = None\n")]
    [InlineData("try:\n    import pandas\nexcept (ModuleNotFoundError, ValueError):\n    pandas = None\nelse:\n    import numpy\n")]
    [InlineData("try: import pandas\nexcept: pandas = None\n")]
    [InlineData("try:\n    try:\n        import pandas\n    finally:\n        pass\nexcept Exception:\n    import pandas2\n")]
    [InlineData("# import pandas\nx = 'import pandas'\ny = \"\"\"\nimport pandas\n\"\"\"")]
    [InlineData("from . import pandas\nfrom .pandas import x\nfrom .. import y")]
    [InlineData("# pip install pandas==2\nimport pandas")]
    [InlineData("# pip install 'Pandas[excel]>=2; python_version > \"3\"'\nimport pandas")]
    [InlineData("# pip install scikit-learn\nfrom sklearn import svm\nimport numpy, scipy.sparse, joblib")]
    [InlineData("# pip install opencv-python-headless pillow PyYAML beautifulsoup4 python-dateutil\nimport cv2, PIL.Image, yaml, bs4, dateutil.parser")]
    [InlineData("# pip install google-cloud-storage\nfrom google.cloud import storage")]
    [InlineData("# pip install git+https://host.example/team/codait-utils.git@v1\nimport codait_utils")]
    [InlineData("# pip install https://host.example/x/codait_utils-1.0-py3-none-any.whl\nimport codait_utils")]
    [InlineData("# apt-get install -y python3-pandas\nimport pandas")]
    public void What_python_the_requirements_or_the_upload_have_is_found(string source) => Reading.Script(source + "\nz = 1").HasNo(Code);

    [Fact]
    public void A_module_of_the_upload_is_found()
    {
        var reading = Reading.Of(("x.py", "import helper, lib.deep\nfrom data import a\nimport none"), ("helper.py", "y = 1"), ("lib/deep.py", "y = 1"), ("data/__init__.py", ""), ("README.md", ""));
        Assert.Contains("none", reading.Only(Code).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_requirement_of_the_requirements_file_is_found() =>
        Reading.Of(("x.py", "import pandas, yaml"), ("requirements.txt", "pandas==2\n-r more.txt"), ("more.txt", "pyyaml==6")).HasNo(Code);

    [Fact]
    public void In_a_notebook_the_warning_names_cell_and_line()
    {
        var at = Reading.Of(("x.ipynb", """
            {"cells": [{"cell_type": "markdown", "source": "T"},
                       {"cell_type": "code", "source": "%%writefile helper.py\nimport pandas"},
                       {"cell_type": "code", "source": ["!pip install numpy\n", "%matplotlib inline\n", "import helper, numpy, IPython\n", "import torch"]}], "nbformat": 4}
            """)).Only(Code);
        Assert.Equal((3, 3, 4), (at.Position.Line, at.Position.Cell, at.Position.CellLine));
        Assert.Contains("torch", at.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_installed_in_a_later_cell_or_line_is_found() => Reading.Script("import pandas\n# pip install pandas\n").HasNo(Code);

    [Fact]
    public void An_image_that_exists_has_what_it_needs() =>
        Claimed.Components.Sources.SourceReader.Read([Reading.File("x.py", "import pandas")], new(ExistingImage: "a/b:1")).HasNo(Code);

    [Theory]
    [InlineData("library(dplyr)", 1)]
    [InlineData("x <- 1\nsuppressPackageStartupMessages(library(\"dplyr\"))", 2)]
    [InlineData("require('dplyr', quietly = TRUE)", 1)]
    [InlineData("x <- 1\ny <- dplyr::filter(d)\nz <- dplyr::select(d)", 2)]
    [InlineData("x <- dplyr:::f()", 1)]
    public void A_library_of_r_that_is_found_nowhere_is_a_warning(string source, int line)
    {
        var warning = Reading.Script(source, "x.R").Only(Code);
        Assert.Equal(line, warning.Position.Line);
        Assert.Contains("dplyr", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("library(stats); library(Matrix)")]
    [InlineData("install.packages(c('dplyr', 'data.table'))\nlibrary(dplyr)\nlibrary(data.table)")]
    [InlineData("install.packages('tidyverse')\nlibrary(ggplot2)")]
    [InlineData("# apt-get install -y r-cran-jsonlite\nlibrary(jsonlite)")]
    [InlineData("if (requireNamespace('dplyr', quietly = TRUE)) x <- dplyr::filter(d)\ny <- utils::head(d)\nz <- 1:3")]
    [InlineData("install.packages('data.table')\nx <- data.table::fread('a')")]
    [InlineData("if (!require(dplyr)) x <- 1\nif (require(dplyr)) y <- 1")]
    [InlineData("library(name, character.only = TRUE)\nlibrary()\nlibrary(help = 'stats')\nx <- 'library(dplyr)' # library(dplyr)")]
    public void What_r_or_the_requirements_have_is_found(string source) => Reading.Script(source, "x.R").HasNo(Code);

    [Fact]
    public void An_import_that_the_build_tries_is_not_warned_about()
    {
        // Its distribution is called adversarial-robustness-toolbox.
        var reading = Reading.Script("# claimed: imports=art.attacks\n# pip install adversarial-robustness-toolbox==1.20.1\nimport art\nimport other\n");

        Assert.Contains("other is neither", reading.Only(Code).Message, StringComparison.Ordinal);
    }
}
