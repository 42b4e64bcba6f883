using Claimed.Registry.Storage;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access.People;

/// <summary>
/// The keys that protect cookies and forms: files in <c>Registry__KeysPath</c>, the same on every node. On embedded defaults they are
/// made and replaced by themselves; nodes that share a registry get one by the word <c>keys</c>.
/// </summary>
public sealed class SessionKeys(IKeyManager manager, IOptions<RegistryOptions> options, TimeProvider clock)
{
    // Nodes never make keys of their own, so the one that they share must last.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    public bool AreMissing => !FilesIn(options.Value).Any();

    public void Make() => manager.CreateNewKey(clock.GetUtcNow(), clock.GetUtcNow() + Lifetime);

    internal static string FolderOf(RegistryOptions options) => Path.Combine(options.Keys, "dataprotection");

    private static IEnumerable<string> FilesIn(RegistryOptions options) =>
        Directory.Exists(FolderOf(options)) ? Directory.EnumerateFiles(FolderOf(options), "key-*.xml") : [];
}

/// <summary>Says where the framework keeps these keys, and who may make them.</summary>
internal sealed class SessionKeyPlace(IOptions<RegistryOptions> options, IOptions<DatabaseOptions> database) : IConfigureOptions<KeyManagementOptions>
{
    public void Configure(KeyManagementOptions keys)
    {
        keys.XmlRepository = new FileSystemXmlRepository(new DirectoryInfo(SessionKeys.FolderOf(options.Value)), NullLoggerFactory.Instance);
        keys.AutoGenerateKeys = database.Value.IsSqlite;
    }
}
