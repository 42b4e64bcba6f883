using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Evidence;
using Claimed.Registry.Evidence.Packages;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Evidence;

/// <summary>The list of packages of images, read from their layers.</summary>
[Trait("Database", "any")]
public sealed class ContentsTests(EvidenceRegistry registry) : IClassFixture<EvidenceRegistry>
{
    [Fact]
    public async Task The_packages_of_dpkg_pip_and_R_are_listed_with_their_versions()
    {
        await registry.BuildAsync("lists/debian", "1.0.0",
            LayerSamples.Gzip(("usr/lib/os-release", LayerSamples.OsRelease), ("var/lib/dpkg/status", LayerSamples.Debian)),
            LayerSamples.Gzip(LayerSamples.Python("PyYAML", "6.0.1"), LayerSamples.Python("typing_extensions", "4.9.0", "opt/venv/lib/python3.11/site-packages"), LayerSamples.R("data.table", "1.14.8"),
                ("opt/old.egg-info/PKG-INFO", "Name: old\nVersion: 0.1\n"), ("usr/share/doc/DESCRIPTION", "Package: none\nVersion: 1\nBuilt: R\n")));
        Assert.Equal(
        [
            "pkg:deb/debian/bash@5.2.15-2%2Bb2?arch=amd64&distro=debian-12", "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12",
            "pkg:pypi/pyyaml@6.0.1", "pkg:pypi/old@0.1", "pkg:pypi/typing-extensions@4.9.0", "pkg:cran/data.table@1.14.8",
        ], await registry.PackagesAsync("lists/debian", "1.0.0"));
        Assert.Empty(await registry.NotesAsync("lists/debian", "1.0.0"));
    }

    [Fact]
    public async Task Images_without_a_package_manager_and_those_of_Alpine_are_listed()
    {
        await registry.BuildAsync("lists/distroless", "1.0.0",
            LayerSamples.Tar(("./var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n"), ("./var/lib/dpkg/status.d/base.md5sums", "Package: sums\nVersion: 1\n")));
        Assert.Equal(["pkg:deb/debian/base-files@12.4?arch=amd64"], await registry.PackagesAsync("lists/distroless", "1.0.0"));
        await registry.BuildAsync("lists/alpine", "1.0.0",
            LayerSamples.Gzip(("etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\n"), ("lib/apk/db/installed", "C:Q1x\nP:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\nF:lib\nR:ld.so\n\nP:zlib\nV:1.3-r2\nA:x86_64\n\n")));
        Assert.Equal(["pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.19.1", "pkg:apk/alpine/zlib@1.3-r2?arch=x86_64&distro=alpine-3.19.1"], await registry.PackagesAsync("lists/alpine", "1.0.0"));
    }

    [Fact]
    public async Task The_database_of_rpm_is_read_and_older_kinds_are_named_as_not_read()
    {
        await registry.BuildAsync("lists/rpm", "1.0.0", LayerSamples.Tar(
            LayerSamples.File("etc/os-release", "ID=fedora\nVERSION_ID=39\n"u8.ToArray()),
            LayerSamples.File("usr/lib/sysimage/rpm/rpmdb.sqlite", RpmDatabaseOf([("bash", "5.2.15", "5.fc39", null), ("vim", "9.0", "1", 2), .. Enumerable.Range(0, 300).Select(number => ($"filler-{number:D3}", new string('1', 900), "1", (int?)null))]))));
        var packages = await registry.PackagesAsync("lists/rpm", "1.0.0");
        Assert.Equal(302, packages.Count);
        Assert.Contains("pkg:rpm/fedora/bash@5.2.15-5.fc39?arch=x86_64&distro=fedora-39", packages);
        Assert.Contains("pkg:rpm/fedora/vim@9.0-1?arch=x86_64&distro=fedora-39&epoch=2", packages);
        await registry.BuildAsync("lists/berkeley", "1.0.0", LayerSamples.Gzip(("var/lib/rpm/Packages", "whatever"), LayerSamples.Python("six", "1.16.0")));
        Assert.Equal(["pkg:pypi/six@1.16.0"], await registry.PackagesAsync("lists/berkeley", "1.0.0"));
        Assert.Equal("The rpm database /var/lib/rpm/Packages is a Berkeley database, which is not read: its packages are not in this list.", Assert.Single(await registry.NotesAsync("lists/berkeley", "1.0.0")));
    }

    [Fact]
    public async Task Later_layers_and_what_they_take_away_count()
    {
        await registry.BuildAsync("lists/layers", "1.0.0",
            LayerSamples.Gzip(("var/lib/dpkg/status", LayerSamples.Debian), LayerSamples.Python("removed", "1.0"), LayerSamples.Python("folder", "1.0", "opt/app/lib"),
                LayerSamples.Python("opaque", "1.0", "srv/lib"), LayerSamples.Python("linked", "1.0", "home/site-packages"), LayerSamples.Python("kept", "1.0")),
            LayerSamples.Tar([
                LayerSamples.File("var/lib/dpkg/status", "Package: newer\nStatus: install ok installed\nVersion: 2\nArchitecture: all\n"u8.ToArray()),
                LayerSamples.File("usr/lib/python3/dist-packages/.wh.removed-1.0.dist-info", []), LayerSamples.File("opt/.wh.app", []), LayerSamples.File("srv/lib/.wh..wh..opq", []),
                LayerSamples.File("srv/lib/fresh-2.dist-info/METADATA", "Name: fresh\nVersion: 2\n"u8.ToArray()), LayerSamples.Link(TarEntryType.SymbolicLink, "home/site-packages", "/elsewhere"),
                LayerSamples.File("root/.cache/uv/a.dist-info/METADATA", "Name: shared\nVersion: 3\n"u8.ToArray()),
                LayerSamples.Link(TarEntryType.HardLink, "usr/lib/python3/a.dist-info/METADATA", "root/.cache/uv/a.dist-info/METADATA"),
            ]),
            LayerSamples.Tar(("root/.wh..cache", "")));
        Assert.Equal(["pkg:deb/debian/newer@2?arch=all", "pkg:pypi/fresh@2", "pkg:pypi/kept@1.0", "pkg:pypi/shared@3"], await registry.PackagesAsync("lists/layers", "1.0.0"));
    }

    [Fact]
    public async Task A_layer_that_is_packed_with_zstd_is_read()
    {
        await registry.BuildAsync("lists/zstd", "1.0.0", LayerSamples.Zstd(LayerSamples.Python("zstandard", "0.22.0")));
        Assert.Equal(["pkg:pypi/zstandard@0.22.0"], await registry.PackagesAsync("lists/zstd", "1.0.0"));
    }

    [Fact]
    public async Task A_layer_of_the_base_is_read_for_the_first_build_alone()
    {
        var layer = LayerSamples.Gzip(LayerSamples.Python("based", "1.0"));
        await registry.BuildAsync("lists/first", "1.0.0", layer);
        Assert.True(registry.Host.Services.GetRequiredService<PackageListing>().Knows(Digest.Of(layer)));
        // It could not be read again: its bytes are not there any more.
        var file = Directory.EnumerateFiles(Path.Combine(registry.Host.DataPath, "blobs"), "*", SearchOption.AllDirectories).Single(path => Path.GetFileName(path) == Digest.Of(layer)[7..]);
        registry.Adding = () => File.WriteAllText(file, "lost");
        await registry.BuildAsync("lists/second", "1.0.0", layer);
        Assert.Equal(["pkg:pypi/based@1.0"], await registry.PackagesAsync("lists/second", "1.0.0"));
    }

    [Fact]
    public async Task Of_an_image_for_several_platforms_each_is_listed_and_the_statements_are_about_all_of_them()
    {
        var version = await registry.BuildAsync("lists/platforms", "1.0.0");
        var children = new List<(string Digest, int Size, string Platform)>();
        foreach (var platform in new[] { "amd64", "arm64" })
        {
            var layer = LayerSamples.Gzip(LayerSamples.Python($"for-{platform}", "1.0"));
            foreach (var blob in new[] { layer, ImageHost.Config })
                await registry.Host.Admin.PostAsync($"/v2/lists/platforms/blobs/uploads/?digest={Digest.Of(blob)}", ImageHost.Bytes(blob));
            var manifest = ImageHost.ImageOf(layer);
            await registry.Host.Admin.PutAsync($"/v2/lists/platforms/manifests/{Digest.Of(manifest)}", ImageHost.Bytes(manifest, MediaTypes.OciManifest));
            children.Add((Digest.Of(manifest), manifest.Length, platform));
        }
        var index = Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{{string.Join(',', children.Select(child =>
                $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{child.Digest}}","size":{{child.Size}},"platform":{"os":"linux","architecture":"{{child.Platform}}"} }"""))}}]}
            """);
        await registry.Host.Admin.PutAsync($"/v2/lists/platforms/manifests/{Digest.Of(index)}", ImageHost.Bytes(index, MediaTypes.OciIndex));
        var row = await registry.Host.Services.GetRequiredService<RegistryDatabase>().ReadAsync(db => db.Versions.SingleAsync(one => one.Component!.Name == "platforms"), CancellationToken.None);
        var told = await registry.Host.Services.GetRequiredService<ImageEvidence>().PrepareAsync(new BuiltVersion("lists", "platforms", row, new Dictionary<string, string>(), long.Parse(version["build.id"]!),
            $"registry.example.org/lists/platforms@{Digest.Of(index)}", Digest.Of(index), true, []), _ => { }, () => { }, CancellationToken.None);
        var contents = JsonDocument.Parse(DsseEnvelope.Read(await registry.Host.Services.GetRequiredService<IBlobStore>().ReadAllAsync(told.Forms[1].Digest, CancellationToken.None)).Statement()).RootElement;
        Assert.Equal([Digest.Of(index)[7..], children[0].Digest[7..], children[1].Digest[7..]], contents.GetProperty("subject").EnumerateArray().Select(subject => subject.GetProperty("digest").GetProperty("sha256").GetString()));
        var packages = contents.GetProperty("predicate").GetProperty("packages").EnumerateArray().ToDictionary(package => package.GetProperty("SPDXID").GetString()!, package => package.GetProperty("versionInfo").GetString() + " " + package.GetProperty("name").GetString());
        var contained = contents.GetProperty("predicate").GetProperty("relationships").EnumerateArray().Select(relation => (Of: relation.GetProperty("spdxElementId").GetString()!, What: relation.GetProperty("relatedSpdxElement").GetString()!)).ToList();
        foreach (var child in children)
            Assert.Contains(contained, relation => packages.GetValueOrDefault(relation.Of)?.StartsWith(child.Digest, StringComparison.Ordinal) == true && packages[relation.What] == $"1.0 for-{child.Platform}");
        // Each image is found by its own digest, too: two referrers and two tags for each of three.
        Assert.Equal(12, told.Manifests.Count);
        Assert.Equal(3, told.Manifests.Count(one => one.Tag?.EndsWith(".att", StringComparison.Ordinal) == true));
    }

    [Fact]
    public async Task The_list_is_served_alone_as_an_SPDX_document()
    {
        var version = await registry.BuildAsync("lists/spdx", "1.0.0", LayerSamples.Gzip(LayerSamples.Python("numpy", "1.26.0")));
        var list = await registry.Host.ComponentAsync("lists/spdx/versions/1.0.0/contents.spdx.json");
        Assert.Equal("application/spdx+json", list.ContentType);
        Assert.Equal((await registry.StatementAsync("lists/spdx", "1.0.0", "contents.json")).GetProperty("predicate").GetRawText(), list.Text);
        Assert.Equal(("SPDX-2.3", "SPDXRef-DOCUMENT", "CC0-1.0", "lists/spdx 1.0.0"), (list["spdxVersion"], list["SPDXID"], list["dataLicense"], list["name"]));
        var packages = list.Json.GetProperty("packages");
        Assert.Equal((version["imageDigest"], "CONTAINER"), (packages[0].GetProperty("versionInfo").GetString(), packages[0].GetProperty("primaryPackagePurpose").GetString()));
        Assert.Equal("The package says: MIT License", packages[1].GetProperty("licenseComments").GetString());
        var ids = packages.EnumerateArray().Select(package => package.GetProperty("SPDXID").GetString()!).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(list.Json.GetProperty("relationships").EnumerateArray(), relation => Assert.Contains(relation.GetProperty("relatedSpdxElement").GetString()!, ids));
        Assert.Contains("contents.spdx.json", version["links"], StringComparison.Ordinal);
    }

    /// <summary>A database as rpm writes it: headers in a table of its own, those that are long in pages of their own.</summary>
    internal static byte[] RpmDatabaseOf(params (string Name, string Version, string Release, int? Epoch)[] packages)
    {
        var path = Path.GetTempFileName();
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)";
            command.ExecuteNonQuery();
            foreach (var package in packages)
            {
                using var insert = connection.CreateCommand();
                insert.CommandText = "INSERT INTO Packages (blob) VALUES ($blob)";
                insert.Parameters.AddWithValue("$blob", HeaderOf(package));
                insert.ExecuteNonQuery();
            }
        }
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    private static byte[] HeaderOf((string Name, string Version, string Release, int? Epoch) package)
    {
        var (entries, data) = (new MemoryStream(), new MemoryStream());
        var count = 0;
        void Add(int tag, int type, byte[] value)
        {
            foreach (var number in (int[])[tag, type, (int)data.Length, 1])
                entries.Write(BigEndian(number));
            data.Write(value);
            count++;
        }
        Add(1000, 6, Encoding.UTF8.GetBytes(package.Name + "\0"));
        Add(1001, 6, Encoding.UTF8.GetBytes(package.Version + "\0"));
        Add(1002, 6, Encoding.UTF8.GetBytes(package.Release + "\0"));
        if (package.Epoch is { } epoch)
            Add(1003, 4, BigEndian(epoch));
        Add(1022, 6, "x86_64\0"u8.ToArray());
        return [.. BigEndian(count), .. BigEndian((int)data.Length), .. entries.ToArray(), .. data.ToArray()];
    }

    private static byte[] BigEndian(int number) => [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];
}
