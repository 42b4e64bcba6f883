using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Claimed.Registry.Access;

/// <summary>Keys of EC P-256, one file each, that follow each other: <c>NAME-1.pem</c>, <c>NAME-2.pem</c> in <c>Registry__KeysPath</c>. The newest signs.</summary>
internal sealed class NumberedKeyFiles(string name)
{
    private readonly Regex _fileName = new($@"\A{name}-([0-9]{{1,6}})\.pem\z", RegexOptions.CultureInvariant);

    public string First => NameOf(1);

    /// <summary>By number, the newest last.</summary>
    public List<(int Number, string Path)> In(string folder) =>
        [.. Directory.EnumerateFiles(folder).Select(path => (Match: _fileName.Match(Path.GetFileName(path)), Path: path)).Where(file => file.Match.Success)
            .Select(file => (int.Parse(file.Match.Groups[1].Value, CultureInfo.InvariantCulture), file.Path)).OrderBy(file => file.Item1)];

    /// <summary>Whether there is any, without making one.</summary>
    public bool Exist(string folder) => Directory.Exists(folder) && In(folder).Count > 0;

    /// <summary>Makes the next key; returns the name of its file.</summary>
    public string Make(string folder)
    {
        Directory.CreateDirectory(folder);
        var made = NameOf(In(folder) is [.., var last] ? last.Number + 1 : 1);
        KeyFiles.ReadOrCreate(Path.Combine(folder, made), () =>
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return key.ExportPkcs8PrivateKeyPem();
        });
        return made;
    }

    private string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{name}-{number}.pem");
}
