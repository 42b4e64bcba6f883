using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class RReaderTests
{
    private const string Summary = """"
        #!/usr/bin/env Rscript
        # Summarises a table.
        #
        # One line per column.
        # claimed: category=Metric

        install.packages(c("dplyr", 'readr'), repos = "https://example.org")
        # install.packages
        library(dplyr)

        # the table, in "CSV"
        path <- Sys.getenv("path")
        rows <- as.integer(Sys.getenv("rows", 60*60))  # how many
        share <- as.numeric( Sys.getenv("share", unset = '0.5') )
        loud = as.logical(Sys.getenv("loud", "FALSE"))
        options <- jsonlite::fromJSON(Sys.getenv("options", '[1]'))
        pattern <- Sys.getenv("pattern", r"(\d#)")
        maybe <- Sys.getenv("maybe", NA)
        text <- "a string
        of # two lines: Sys.getenv('ghost')"
        # rows read
        Sys.setenv(count = nrow(x), "mean" = 5)
        """";

    [Fact]
    public void A_script_in_r_becomes_a_component()
    {
        var component = Reading.Sound(Summary, "claimed-summary.R");

        Assert.Equal((SourceLanguage.R, "summary"), (component.Language, component.Name));
        Assert.Equal("Summarises a table.\n\nOne line per column.", component.Description);
        Assert.Equal(["path", "rows", "share", "loud", "options", "pattern", "maybe"], component.Inputs.Select(port => port.Name));
        Assert.Equal(["count", "mean"], component.Outputs.Select(port => port.Name));
        Assert.Equal(("the table, in \"CSV\"", false), (component.Input("path").Description, component.Input("path").Optional));
        Assert.Equal((PortTypes.Integer, "3600", "how many"), (component.Input("rows").Type, component.Input("rows").Default, component.Input("rows").Description));
        Assert.Equal((PortTypes.Float, "0.5"), (component.Input("share").Type, component.Input("share").Default));
        Assert.Equal((PortTypes.Boolean, "FALSE"), (component.Input("loud").Type, component.Input("loud").Default));
        Assert.Equal(PortTypes.JsonArray, component.Input("options").Type);
        Assert.Equal("\\d#", component.Input("pattern").Default);
        Assert.Equal((null, true), (component.Input("maybe").Default, component.Input("maybe").Optional));
        Assert.Equal("rows read", component.Output("count").Description);
        var requirement = Assert.Single(component.Requirements);
        Assert.Equal(PackageManager.Cran, requirement.Manager);
        Assert.Equal(["dplyr", "readr"], requirement.Packages);
    }

    [Theory]
    [InlineData("5L", "5")]
    [InlineData("1e3", "1000")]
    [InlineData("TRUE", "True")]
    [InlineData("-2", "-2")]
    [InlineData("'a\\tb'", "a\tb")]
    [InlineData("'\\u{1F600}\\\\u{41}'", "😀\\u{41}")]
    [InlineData("r\"(say \"hi\" \\d)\"", "say \"hi\" \\d")]
    [InlineData("R'--{a)' }-' b}--'", "a)' }-' b")]
    [InlineData("10^6", "1000000")]
    [InlineData("7 %/% 2", "3")]
    [InlineData("7 %% 4", "3")]
    [InlineData("60L * 60L", "3600")]
    [InlineData("0x10L", "16")]
    public void A_default_is_the_text_of_its_literal(string literal, string text) =>
        Assert.Equal(text, Reading.Sound($"x <- Sys.getenv('x', {literal})", "x.R").Input("x").Default);

    [Theory]
    [InlineData("x <- Sys.getenv(name)", "input-name-computed")]
    [InlineData("x <- Sys.getenv('x', Sys.time())", "default-not-literal")]
    [InlineData("install.packages(list)", "requirement-refused")]
    [InlineData("install.packages('a; id')", "requirement-refused")]
    [InlineData("x <- 'never closed", "source-syntax")]
    [InlineData("x <- r\"(never closed\"", "source-syntax")]
    [InlineData("v <- sapply(c('a', 'b'), Sys.getenv)", "input-name-computed")]
    [InlineData("do.call(Sys.setenv, setNames(list(1), name))", "output-name-computed")]
    [InlineData("remotes::install_github('team/tool')", "requirement-manager-unknown")]
    [InlineData("BiocManager::install('limma')", "requirement-manager-unknown")]
    [InlineData("tools <- c('dplyr', name)\ninstall.packages(tools)", "requirement-refused")]
    public void What_cannot_be_read_is_found(string source, string code) => Reading.Script(source, "x.R").Only(code);

    [Theory]
    [InlineData("x <- strtoi(Sys.getenv('x', '5'))", PortTypes.Integer)]
    [InlineData("x <- Sys.getenv('x', '5') |> as.integer()", PortTypes.Integer)]
    [InlineData("x <- as.double(Sys.getenv('x', '5'))", PortTypes.Float)]
    [InlineData("x <- Sys.getenv('x', 'TRUE') == 'TRUE'", PortTypes.Boolean)]
    [InlineData("x <- toupper(Sys.getenv('x', 'yes')) == \"YES\"", PortTypes.Boolean)]
    [InlineData("x <- Sys.getenv('x', '1') %in% c('1', 'true')", PortTypes.Boolean)]
    [InlineData("x <- Sys.getenv('x', '5') == 'five'", PortTypes.String)]
    [InlineData("x <- Sys.getenv('x', '5') %>% trimws() %>% as.integer()", PortTypes.Integer)]
    [InlineData("x <- as.integer(trimws(Sys.getenv('x', '5')))", PortTypes.Integer)]
    [InlineData("x <- base::as.integer(base::Sys.getenv('x', '5'))", PortTypes.Integer)]
    [InlineData("x <- identical(Sys.getenv('x', 'no'), 'yes')", PortTypes.Boolean)]
    [InlineData("x <- 'true' == tolower(Sys.getenv('x', 'no'))", PortTypes.Boolean)]
    [InlineData("x <- Sys.getenv('x', 'auto') %in% c('on', 'off', 'auto')", PortTypes.String)]
    [InlineData("x <- Sys.getenv('x', 'auto') == 'on'", PortTypes.String)]
    [InlineData("x <- as.integer(strsplit(Sys.getenv('x', '1,2'), ',')[[1]])", PortTypes.String)]
    public void The_code_around_a_read_says_its_type(string source, string type) => Assert.Equal(type, Reading.Sound(source, "x.R").Input("x").Type);

    [Fact]
    public void Several_variables_read_at_once_are_several_inputs()
    {
        var component = Reading.Sound("# About it.\n\n# both\nx <- Sys.getenv(c('a', \"b\"))\ny <- Sys.getenv(c('c'), unset = 'd')", "x.R");
        Assert.Equal(["a", "b", "c"], component.Inputs.Select(port => port.Name));
        Assert.Equal(("both", false, "d"), (component.Input("b").Description, component.Input("b").Optional, component.Input("c").Default));
        Reading.Script("x <- Sys.getenv(c('a', name))", "x.R").Only("input-name-computed");
    }

    [Theory]
    [InlineData("if (nzchar(Sys.getenv('x'))) y <- Sys.getenv('x')", true)]
    [InlineData("y <- if (Sys.getenv('x') == '') 'd' else Sys.getenv('x')", true)]
    [InlineData("y <- ifelse(\"\" != trimws(Sys.getenv('x')), Sys.getenv('x'), 'd')", true)]
    [InlineData("if (!nzchar(Sys.getenv('x'))) stop('x is missing')\ny <- Sys.getenv('x')", false)]
    [InlineData("if (Sys.getenv('x') == '') {\n  message('x is missing')\n  quit(status = 2)\n}", false)]
    [InlineData("stopifnot(nzchar(Sys.getenv('x')))", false)]
    public void A_question_whether_there_is_one_makes_an_input_optional_unless_the_script_ends_without(string source, bool optional) =>
        Assert.Equal(optional, Reading.Sound(source, "x.R").Input("x").Optional);

    [Theory]
    [InlineData("x <- a %it's% b")]
    [InlineData("x <- a %(% b")]
    [InlineData("x <- a %#% b")]
    [InlineData("x <- d$`it's (`")]
    [InlineData("x <- r\"{)\" }\"")]
    [InlineData("f <- \\(v) v")]
    public void What_only_r_has_confuses_nothing(string line) => Assert.Equal("y", Assert.Single(Reading.Sound($"{line}; y <- Sys.getenv('y') # it's\n", "x.R").Inputs).Name);

    [Fact]
    public void Variables_are_also_read_from_the_list_of_all()
    {
        var component = Reading.Sound("x <- Sys.getenv()['x']\ny <- Sys.getenv()[[\"y\"]]\nz <- Sys.getenv(c(first = 'a', second = 'b'), names = TRUE)", "x.R");
        Assert.Equal(["x", "y", "a", "b"], component.Inputs.Select(port => port.Name));
    }

    [Fact]
    public void Outputs_may_be_set_by_a_called_function_and_the_time_zone_is_none()
    {
        var component = Reading.Sound("do.call(Sys.setenv, list(count = 1))\nSys.setenv(TZ = 'UTC', R_LIBS = 'x', LC_TIME = 'C')", "x.R");
        Assert.Equal("count", Assert.Single(component.Outputs).Name);
    }

    [Theory]
    [InlineData("install.packages(repos = 'https://x', pkgs = 'dplyr')")]
    [InlineData("needed <- c('dplyr')\ninstall.packages(needed)")]
    [InlineData("needed <- c('dplyr')\ninstall.packages(setdiff(needed, rownames(installed.packages())))")]
    [InlineData("needed <- 'dplyr'\nnew <- needed[!(needed %in% installed.packages()[, 'Package'])]\nif (length(new)) utils::install.packages(new)")]
    public void Packages_are_those_of_the_argument_or_of_a_variable_that_is_set_once(string source) =>
        Assert.Equal(["dplyr"], Assert.Single(Reading.Sound(source, "x.R").Requirements).Packages);

    [Fact]
    public void Roxygen_comments_describe_ports_and_comments_install()
    {
        var component = Reading.Sound("#' About it.\n#' @param x how many\n# apt-get install -y libcurl4\nx <- Sys.getenv('x', '1')\n", "x.R");
        Assert.Equal(("About it.", "how many"), (component.Description, component.Input("x").Description));
        Assert.Equal((PackageManager.Apt, "libcurl4"), (component.Requirements[0].Manager, component.Requirements[0].Packages[0]));
    }
}
