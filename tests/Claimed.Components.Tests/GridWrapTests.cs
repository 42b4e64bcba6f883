using Claimed.Components.Runners;
using Xunit;

namespace Claimed.Components.Tests;

public sealed class GridWrapTests
{
    private static readonly Definition Source = new()
    {
        Name = "count",
        DisplayName = "Count",
        Language = SourceLanguage.Shell,
        MainFile = "count.sh",
        Inputs = [new Port { Name = "file", Type = "String" }, new Port { Name = "word", Type = "String", Default = "x", Optional = true }],
        Outputs = [new Port { Name = "rows", Type = "Integer" }],
    };

    [Fact]
    public void The_wrapped_input_gives_way_to_those_of_the_wrapper()
    {
        var findings = new List<Finding>();
        var wrapped = GridWrap.Apply(Source, "file", findings)!;
        Assert.Equal(
            [
                "word=x", "gw_batch_file?", "gw_file_path_pattern?", "gw_group_by?", "gw_coordinator_path!", "gw_lock_timeout=10800", "gw_ignore_error_files=False", "gw_max_time_wait_staggering=60",
            ],
            wrapped.Inputs.Select(port => port.Name + (port.Default is { } value ? $"={value}" : port.Optional ? "?" : "!")));
        Assert.Empty(wrapped.Outputs);
        Assert.Equal("wrap-output-dropped", Assert.Single(findings).Code);
        var unwrapped = wrapped.Grid!.Unwrap(wrapped);
        Assert.Equal(["word", "file"], unwrapped.Inputs.Select(port => port.Name));
        Assert.Equal(Source.Outputs, unwrapped.Outputs);
        Assert.Null(unwrapped.Grid);
    }

    [Theory]
    [InlineData(SourceLanguage.Python)]
    [InlineData(SourceLanguage.Notebook)]
    [InlineData(SourceLanguage.R)]
    [InlineData(SourceLanguage.Shell)]
    public void The_wrapper_starts_the_runner_of_the_language(SourceLanguage language)
    {
        var plain = RunnerFiles.For(Source with { Language = language }).Select(file => file.Path).ToList();
        var files = RunnerFiles.For(GridWrap.Apply(Source with { Language = language }, "file", [])!);
        Assert.Equal([.. plain.Select(path => path == "run" ? "run-once" : path), "run", "grid-files.sh", "grid", "grid.tsv"], files.Select(file => file.Path));
        Assert.Equal(["run-once", "run"], files.Where(file => file.Executable).Select(file => file.Path));
    }

    [Theory]
    [InlineData("other", "wrap-input-unknown")]
    [InlineData("rows", "wrap-input-unknown")]
    [InlineData("File", "wrap-input-unknown")]
    public void An_input_that_is_none_is_an_error(string input, string code)
    {
        var findings = new List<Finding>();
        Assert.Null(GridWrap.Apply(Source, input, findings));
        var finding = Assert.Single(findings);
        Assert.Equal((code, Severity.Error), (finding.Code, finding.Severity));
        Assert.Contains("file, word", finding.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_and_a_port_named_like_the_wrappers_are_errors()
    {
        var findings = new List<Finding>();
        Assert.Null(GridWrap.Apply(Renditions.Samples.Trainer, "Bucket", findings));
        Assert.Null(GridWrap.Apply(Source with { Inputs = [.. Source.Inputs, new Port { Name = "GW_group_by", Type = "String" }], Outputs = [] }, "file", findings));
        Assert.Equal(["wrap-container", "wrap-name-taken"], findings.Select(finding => finding.Code));
    }
}
