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
    public void A_default_is_the_text_of_its_literal(string literal, string text) =>
        Assert.Equal(text, Reading.Sound($"x <- Sys.getenv('x', {literal})", "x.R").Input("x").Default);

    [Theory]
    [InlineData("x <- Sys.getenv(name)", "input-name-computed")]
    [InlineData("x <- Sys.getenv('x', Sys.time())", "default-not-literal")]
    [InlineData("install.packages(list)", "requirement-refused")]
    [InlineData("install.packages('a; id')", "requirement-refused")]
    [InlineData("x <- 'never closed", "source-syntax")]
    public void What_cannot_be_read_is_found(string source, string code) => Reading.Script(source, "x.R").Only(code);

    [Theory]
    [InlineData("x <- strtoi(Sys.getenv('x', '5'))", PortTypes.Integer)]
    [InlineData("x <- Sys.getenv('x', '5') |> as.integer()", PortTypes.Integer)]
    [InlineData("x <- as.double(Sys.getenv('x', '5'))", PortTypes.Float)]
    [InlineData("x <- Sys.getenv('x', 'TRUE') == 'TRUE'", PortTypes.Boolean)]
    [InlineData("x <- toupper(Sys.getenv('x', 'yes')) == \"YES\"", PortTypes.Boolean)]
    [InlineData("x <- Sys.getenv('x', '1') %in% c('1', 'true')", PortTypes.Boolean)]
    [InlineData("x <- Sys.getenv('x', '5') == 'five'", PortTypes.String)]
    public void The_code_around_a_read_says_its_type(string source, string type) => Assert.Equal(type, Reading.Sound(source, "x.R").Input("x").Type);

    [Fact]
    public void Several_variables_read_at_once_are_several_inputs()
    {
        var component = Reading.Sound("# About it.\n\n# both\nx <- Sys.getenv(c('a', \"b\"))\ny <- Sys.getenv(c('c'), unset = 'd')", "x.R");
        Assert.Equal(["a", "b", "c"], component.Inputs.Select(port => port.Name));
        Assert.Equal(("both", false, "d"), (component.Input("b").Description, component.Input("b").Optional, component.Input("c").Default));
        Reading.Script("x <- Sys.getenv(c('a', name))", "x.R").Only("input-name-computed");
    }

    [Fact]
    public void A_question_whether_there_is_one_makes_an_input_optional() =>
        Assert.True(Reading.Sound("if (nzchar(Sys.getenv('x'))) y <- Sys.getenv('x')", "x.R").Input("x").Optional);

    [Fact]
    public void Roxygen_comments_describe_ports_and_comments_install()
    {
        var component = Reading.Sound("#' About it.\n#' @param x how many\n# apt-get install -y libcurl4\nx <- Sys.getenv('x', '1')\n", "x.R");
        Assert.Equal(("About it.", "how many"), (component.Description, component.Input("x").Description));
        Assert.Equal((PackageManager.Apt, "libcurl4"), (component.Requirements[0].Manager, component.Requirements[0].Packages[0]));
    }
}
