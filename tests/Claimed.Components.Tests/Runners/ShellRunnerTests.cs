using Xunit;

namespace Claimed.Components.Tests.Runners;

/// <summary>Every way in which a shell script ends, in the shells that run them.</summary>
public sealed class ShellRunnerTests
{
    private static readonly Definition Rows = new()
    {
        Name = "rows",
        DisplayName = "rows",
        Language = SourceLanguage.Shell,
        MainFile = "rows.sh",
        Outputs = [new Port { Name = "rows", Type = PortTypes.String }],
    };

    public static TheoryData<string, string> Shells()
    {
        var data = new TheoryData<string, string>();
        foreach (var shell in new[] { "/bin/sh", "/bin/bash -eu", "/usr/bin/env bash", "/bin/bash --posix" })
        {
            foreach (var (script, _) in Ends)
                data.Add(shell, script);
        }

        return data;
    }

    private static readonly Dictionary<string, (int Code, string Rows, string Output)> Ends = new()
    {
        ["rows=5"] = (0, "5", ""),
        ["rows=5; return 0"] = (0, "5", ""),
        ["rows=5; exit"] = (0, "5", ""),
        ["f() { exit 0; }; rows=5; [ 1 = 1 ] && f"] = (0, "5", ""),
        ["rows=5; eval 'exit 0'"] = (0, "5", ""),
        ["rows=5; (exit 3)"] = (3, "", ""),
        ["rows=5; exit 4"] = (4, "", ""),
        ["rows=5; trap 'echo last $?' EXIT"] = (0, "5", "last 0\n"),
        ["rows=5; trap 'echo last $?' EXIT INT; exit 3"] = (3, "", "last 3\n"),
        ["rows=5; trap 'exit 6' 0; exit 0"] = (6, "5", ""),
        ["rows=5; trap 'echo ghost' EXIT; trap - EXIT; exit 0"] = (0, "5", ""),
        ["rows=5; (trap 'echo inner' EXIT; echo in); echo out"] = (0, "5", "in\ninner\nout\n"),
        ["rows=5; trap 'echo got' USR1; kill -USR1 $$; echo on"] = (0, "5", "got\non\n"),
    };

    [Theory]
    [MemberData(nameof(Shells))]
    public void A_script_that_ends_well_writes_its_outputs_and_keeps_its_code_and_traps(string shell, string script)
    {
        using var component = new RunnableComponent(Rows, $"#!{shell}\n{script}\n");
        var result = component.Run("rows=out/rows");
        Assert.Equal(Ends[script], (result.ExitCode, File.Exists(component.At("out/rows")) ? component.Read("out/rows") : "", result.Output));
        Assert.Equal("", result.Error);
    }

    // The runner makes assignments of names.
    [Theory]
    [InlineData("=x")]
    [InlineData("rows\necho reached >&2\nrows=x")]
    [InlineData("rows\nother=x")]
    [InlineData("row?=x")]
    [InlineData("rows[$(echo reached >&2)]=x")]
    public void A_name_that_is_not_declared_ends_it_before_the_script(string argument)
    {
        using var component = new RunnableComponent(Rows, "#!/bin/sh\necho began\n");
        var result = component.Run(argument);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Equal($"claimed: '{argument[..argument.IndexOf('=')]}' is not declared by this component; declared are: rows\n", result.Error);
    }
}
