using Claimed.Registry.Publish;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claimed.Registry.Tests.Publish;

/// <summary>A folder of components, as the word <c>seed</c> publishes one.</summary>
internal sealed class SmallLibrary : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("claimed-library-").FullName;

    /// <summary>Writes a component of one script. A word makes two of one name differ.</summary>
    /// <param name="component"><c>category/name</c>.</param>
    public SmallLibrary With(string component, string word = "word")
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root, component)).FullName;
        File.WriteAllText(Path.Combine(folder, $"{Path.GetFileName(component)}.py"), Samples.Script(word));
        return this;
    }

    /// <summary>Writes a file beside the components.</summary>
    public SmallLibrary Beside(string file, params IReadOnlyList<string> lines)
    {
        File.WriteAllLines(Path.Combine(Root, file), lines);
        return this;
    }

    /// <summary>Publishes all of it, as a start of the registry does.</summary>
    public async Task<IReadOnlyList<Seeded>> PublishAsync(RegistryHost host, string which = "starter")
    {
        var seeded = new List<Seeded>();
        await foreach (var one in host.Services.GetRequiredService<Library>().PublishAsync(Root, new LibraryChoice { Which = which }, CancellationToken.None))
            seeded.Add(one);
        return seeded;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
