using Claimed.TestKit;

namespace Claimed.EndToEnd;

/// <summary>A folder that containers of any user can read and write, gone after the test.</summary>
internal sealed class Workspace : IDisposable
{
    public Workspace()
    {
        Folder = Directory.CreateTempSubdirectory("claimed-work-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Folder, (UnixFileMode)0b111_111_111);
    }

    public string Folder { get; }

    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>Copies a file of <c>data/</c> into the folder.</summary>
    public Workspace With(string name)
    {
        File.Copy(RepositoryFolder.Of($"tests/EndToEnd/data/{name}"), this[name]);
        return this;
    }

    public string Read(string name) => File.ReadAllText(this[name]);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
