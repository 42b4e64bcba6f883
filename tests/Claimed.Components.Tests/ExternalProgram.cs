using System.Diagnostics;
using Xunit;

namespace Claimed.Components.Tests;

/// <summary>What a program did: exit code (128 + n after signal n), and both streams.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error);

/// <summary>Runs the programs that read what we write.</summary>
internal static class ExternalProgram
{
    public static readonly string Python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    public static ProgramResult Run(
        string file, IEnumerable<string> arguments, string? input = null, string? directory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new System.Text.UTF8Encoding(false),
            WorkingDirectory = directory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input ?? "");
        process.StandardInput.Close();
        process.WaitForExit();
        return new(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>The standard output of a Python program that must end well.</summary>
    public static string RunPython(string program, string? input = null)
    {
        var result = Run(Python, ["-X", "utf8", "-c", program], input);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output;
    }
}
