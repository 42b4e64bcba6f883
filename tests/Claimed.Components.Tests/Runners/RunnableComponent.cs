using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Claimed.Components.Runners;
using Claimed.Components.Sources;

namespace Claimed.Components.Tests.Runners;

/// <summary>A component unpacked as its image would hold it, in a folder of its own.</summary>
internal sealed class RunnableComponent : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-run-").FullName;

    public RunnableComponent(Definition definition, string source)
    {
        foreach (var file in RunnerFiles.For(definition, new SourceFile(definition.MainFile, Encoding.UTF8.GetBytes(source))))
        {
            var path = Place(Path.Combine("opt", file.Path));
            File.WriteAllBytes(path, file.Content.ToArray());
            if (file.Executable && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
        }
        File.WriteAllText(Place(Path.Combine("home", definition.MainFile)), source);

        // Images provide python; a machine that runs tests may only have python3.
        File.CreateSymbolicLink(Place("bin/python"), ExternalProgram.Python);
    }

    public string Home => Path.Combine(_folder, "home");

    public ProgramResult Run(params string[] arguments) => Run(new Dictionary<string, string>(), arguments);

    /// <summary>The program that an image starts with.</summary>
    public string Runner => Path.Combine(_folder, "opt", "run");

    /// <summary>What the image sets.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["CLAIMED_SOURCES"] = Home,
        ["HOME"] = Home,
        ["PATH"] = $"{Path.Combine(_folder, "bin")}:{System.Environment.GetEnvironmentVariable("PATH")}",
    };

    public ProgramResult Run(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var all = Environment;
        foreach (var (name, value) in environment)
            all[name] = value;
        return ExternalProgram.Run(Runner, arguments, directory: Home, environment: all);
    }

    /// <summary>A run that goes on, in a process group of its own: all of it can be ended at once, as a container is.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("setsid", [Runner, .. arguments]) { WorkingDirectory = Home };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("setsid did not start.");
    }

    /// <summary>A path in the working directory.</summary>
    public string At(string relative) => Path.Combine(Home, relative);

    public string Read(string relative) => File.ReadAllText(At(relative));

    public static string Notebook(params string[] cells) => new JsonObject
    {
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
        ["metadata"] = new JsonObject(),
        ["cells"] = new JsonArray([.. cells.Select(cell => new JsonObject { ["cell_type"] = "code", ["source"] = cell })]),
    }.ToJsonString();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Place(string relative)
    {
        var path = Path.Combine(_folder, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
