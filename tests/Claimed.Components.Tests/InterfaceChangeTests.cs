using Semver;
using Xunit;

namespace Claimed.Components.Tests;

public sealed class InterfaceChangeTests
{
    private static readonly SemVersion Before = new(1, 2, 0);
    private static readonly SemVersion Right = new(2, 0, 0);

    private static readonly Definition Earlier = new()
    {
        Name = "x",
        DisplayName = "X",
        Language = SourceLanguage.Python,
        MainFile = "x.py",
        Inputs =
        [
            new Port { Name = "needed", Type = "Integer" },
            new Port { Name = "ratio", Type = "Float", Default = "0.5", Optional = true },
            new Port { Name = "free", Type = "String", Optional = true },
            new Port { Name = "data", Type = "Dataset", Passing = PortPassing.File },
        ],
        Outputs = [new Port { Name = "rows", Type = "Integer" }, new Port { Name = "table", Type = "Dataset", Passing = PortPassing.File }],
    };

    private static IReadOnlyList<Finding> Breaks(Definition later) => InterfaceChange.Breaks(Earlier, Before, later, Right);

    private static Definition With(string name, Func<Port, Port?> change) => Earlier with
    {
        Inputs = [.. Earlier.Inputs.Select(port => port.Name == name ? change(port) : port).OfType<Port>()],
        Outputs = [.. Earlier.Outputs.Select(port => port.Name == name ? change(port) : port).OfType<Port>()],
    };

    [Fact]
    public void The_same_ports_break_nothing_whatever_is_said_of_them()
    {
        var later = Earlier with
        {
            Description = "Other",
            Inputs = [.. Earlier.Inputs.Reverse().Select(port => port with { Description = "other words" })],
            Outputs = [.. Earlier.Outputs.Reverse(), new Port { Name = "more", Type = "String" }],
        };
        Assert.Empty(Breaks(later));
        Assert.Empty(Breaks(later with { Inputs = [.. later.Inputs, new Port { Name = "new", Type = "String", Default = "" }, new Port { Name = "other", Type = "JsonObject", Optional = true }] }));
    }

    [Fact]
    public void What_callers_may_leave_out_in_future_breaks_nothing()
    {
        Assert.Empty(Breaks(With("needed", port => port with { Default = "3", Optional = true })));
        Assert.Empty(Breaks(With("ratio", port => port with { Default = "0.75" })));
        Assert.Empty(Breaks(With("free", port => port with { Default = "x" })));
        Assert.Empty(Breaks(With("free", port => port with { Secret = true })));
        Assert.Empty(Breaks(With("ratio", port => port with { Type = "String", Secret = true, Default = null, Optional = true })));
    }

    [Theory]
    [InlineData("Integer", "Float", true)]
    [InlineData("Integer", "String", true)]
    [InlineData("Float", "String", true)]
    [InlineData("int", "Integer", true)]
    [InlineData("Integer", "Integer", true)]
    [InlineData("Float", "Integer", false)]
    [InlineData("String", "Float", false)]
    [InlineData("String", "Integer", false)]
    [InlineData("Boolean", "String", false)]
    [InlineData("String", "JsonObject", false)]
    [InlineData("JsonObject", "JsonArray", false)]
    public void A_type_of_an_input_may_widen_and_never_narrow(string before, string now, bool isFine)
    {
        var earlier = Earlier with { Inputs = [new Port { Name = "x", Type = before }] };
        var breaks = InterfaceChange.Breaks(earlier, Before, earlier with { Inputs = [new Port { Name = "x", Type = now }] }, Right);
        Assert.Equal(isFine ? [] : ["interface-type-narrowed"], breaks.Select(finding => finding.Code));
    }

    private static readonly (string Port, Definition Later, string Code)[] Changes =
    [
        ("needed", With("needed", _ => null), "interface-input-removed"),
        ("free", With("free", _ => null), "interface-input-removed"),
        ("more", Earlier with { Inputs = [.. Earlier.Inputs, new Port { Name = "more", Type = "String" }] }, "interface-input-added"),
        ("free", With("free", port => port with { Optional = false }), "interface-input-required"),
        ("ratio", With("ratio", port => port with { Default = null, Optional = false }), "interface-default-removed"),
        ("ratio", With("ratio", port => port with { Default = null }), "interface-default-removed"),
        ("needed", With("needed", port => port with { Passing = PortPassing.File, Type = "Dataset" }), "interface-passing-changed"),
        ("data", With("data", port => port with { Passing = PortPassing.Value, Type = "String" }), "interface-passing-changed"),
        ("data", With("data", port => port with { Type = "Model" }), "interface-type-narrowed"),
        ("rows", With("rows", _ => null), "interface-output-removed"),
        ("rows", With("rows", port => port with { Type = "Float" }), "interface-output-type-changed"),
        ("table", With("table", port => port with { Passing = PortPassing.Value, Type = "String" }), "interface-passing-changed"),
    ];

    public static TheoryData<int> Broken => [.. Enumerable.Range(0, Changes.Length)];

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_breaks_callers_names_the_port_the_version_and_the_one_that_may(int change)
    {
        var (port, later, code) = Changes[change];
        var finding = Assert.Single(Breaks(later));
        Assert.Equal((code, Severity.Error), (finding.Code, finding.Severity));
        Assert.Contains($"'{port}'", finding.Message, StringComparison.Ordinal);
        Assert.Contains("1.2.0", finding.Message, StringComparison.Ordinal);
        Assert.Contains("publish this as 2.0.0", finding.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void A_renamed_port_is_one_that_went_and_says_what_it_may_be_now()
    {
        var renamed = Breaks(With("ratio", port => port with { Name = "Ratio" }));
        var finding = Assert.Single(renamed);
        Assert.Equal("interface-input-removed", finding.Code);
        Assert.Contains("'Ratio'", finding.Message, StringComparison.Ordinal);
        Assert.Equal(["interface-input-removed", "interface-input-added"], Breaks(With("needed", port => port with { Name = "need" })).Select(each => each.Code));
    }

    [Theory]
    [InlineData("1.2.0", "1.2.1", true)]
    [InlineData("1.2.0", "1.9.0", true)]
    [InlineData("1.2.0", "1.3.0-rc.1", true)]
    [InlineData("1.2.0", "2.0.0", false)]
    [InlineData("1.2.0", "1.2.0", false)]
    [InlineData("1.2.0", "1.1.9", false)]
    [InlineData("0.2.0", "0.2.5", true)]
    [InlineData("0.2.0", "0.3.0", false)]
    [InlineData("0.0.2", "0.0.3", false)]
    [InlineData("0.9.0", "1.0.0", false)]
    public void Callers_move_on_as_far_as_the_caret_of_npm(string earlier, string later, bool moves) =>
        Assert.Equal(moves, InterfaceChange.IsInCaretOf(Parse(earlier), Parse(later)));

    [Theory]
    [InlineData("1.2.3", "2.0.0")]
    [InlineData("0.2.3", "0.3.0")]
    [InlineData("0.0.3", "0.1.0")]
    [InlineData("2.0.0-rc.1", "3.0.0")]
    public void The_version_that_may_break_is_the_next_that_no_caret_reaches(string newest, string next) =>
        Assert.Equal(Parse(next), InterfaceChange.NextBreaking(Parse(newest)));

    private static SemVersion Parse(string text) => SemVersion.Parse(text, SemVersionStyles.Strict);
}
