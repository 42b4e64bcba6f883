using System.Security.Cryptography;
using Claimed.Registry.Access.Passes;
using Claimed.Registry.Access.People;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access;

/// <summary>Keys and secrets in files that only the registry's user can read.</summary>
public sealed class KeyFiles(IOptions<RegistryOptions> options, IOptions<DatabaseOptions> database, SessionKeys sessions)
{
    public const string PushTicket = "push-ticket";

    private const string Signing = "signing-1.pem";

    /// <summary>Those that what is said of images is signed with.</summary>
    internal static readonly NumberedKeyFiles Evidence = new("evidence");

    private const string SessionFolder = "dataprotection/";

    /// <summary>The 32 bytes of a named key in <c>Registry__KeysPath</c>, made on first use where this node is the only one.</summary>
    public byte[] Key(string name)
    {
        if (!database.Value.IsSqlite)
            return Convert.FromHexString(File.ReadAllText(PathOf(name)).Trim());
        Directory.CreateDirectory(options.Value.Keys);
        return Convert.FromHexString(ReadOrCreate(PathOf(name), NewKey));
    }

    /// <summary>Stops the start of a node that would sign with keys of its own, or know an administrator of its own.</summary>
    /// <exception cref="OptionsValidationException">A key or the token is missing.</exception>
    public void CheckShared()
    {
        if (database.Value.IsSqlite)
            return;
        var missing = Missing.ToList();
        if (missing.Count > 0)
            throw new OptionsValidationException("Registry", typeof(RegistryOptions),
                [$"Registry__KeysPath ({Path.GetFullPath(options.Value.Keys)}) lacks {string.Join(" and ", missing)}. Nodes of one registry sign with the same keys: run the word keys once and give every node the files."]);
        if (options.Value.AdminToken is null)
            throw new OptionsValidationException("Registry", typeof(RegistryOptions),
                ["Registry__AdminToken is needed with Database__Provider=Postgres: nodes of one registry know the same token, 16 characters or more."]);
    }

    /// <summary>Makes the keys that are missing; returns the names of their files.</summary>
    public IReadOnlyList<string> MakeMissing()
    {
        Directory.CreateDirectory(options.Value.Keys);
        var missing = Missing.ToList();
        if (missing.Contains(Signing))
            SigningKeys.Make(options.Value.Keys);
        if (missing.Contains(Evidence.First))
            AddEvidence();
        if (missing.Contains(PushTicket + ".key"))
            ReadOrCreate(PathOf(PushTicket), NewKey);
        if (missing.Contains(SessionFolder))
            sessions.Make();
        return missing;
    }

    /// <summary>Adds a key that passes are signed with from now on; returns the name of its file.</summary>
    public string AddSigning() => SigningKeys.Make(options.Value.Keys);

    /// <summary>Adds a key that statements about images are signed with from now on; returns the name of its file.</summary>
    public string AddEvidence() => Evidence.Make(options.Value.Keys);

    private IEnumerable<string> Missing
    {
        get
        {
            if (!SigningKeys.Exist(options.Value.Keys))
                yield return Signing;
            if (!File.Exists(PathOf(PushTicket)))
                yield return PushTicket + ".key";
            if (!Evidence.Exist(options.Value.Keys))
                yield return Evidence.First;
            if (sessions.AreMissing)
                yield return SessionFolder;
        }
    }

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private string PathOf(string name) => Path.Combine(options.Value.Keys, name + ".key");

    /// <summary>Reads a secret file, or writes it once with mode 0600.</summary>
    public static string ReadOrCreate(string path, Func<string> make)
    {
        if (File.Exists(path))
            return File.ReadAllText(path).Trim();
        var secret = make();
        // One name, so that what a killed start left is taken away by the next.
        var temporary = path + ".new";
        File.Delete(temporary);
        var settings = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            settings.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new StreamWriter(temporary, settings))
        {
            file.Write(secret);
            file.Write('\n');
            file.Flush();
            ((FileStream)file.BaseStream).Flush(flushToDisk: true);
        }
        try
        {
            File.Move(temporary, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster; its secret is the one.
            File.Delete(temporary);
        }
        Posix.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return File.ReadAllText(path).Trim();
    }
}
