using System.Data.Common;
using System.Text;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Benchmarks;

/// <summary>
/// Fills the tables of an empty registry with many components, each with five versions as real publishes leave them: definitions of one
/// to two kilobytes whose words differ from component to component and in part from version to version, and five forms each. The bytes
/// of forms exist for the newest version of every component.
/// </summary>
internal static class CatalogFill
{
    public const int VersionsPerComponent = 5;
    public const string Space = "bench";
    private const int Now = 1_700_000_000;
    private static readonly string[] Types = ["String", "Integer", "Float", "Boolean", "Dataset", "Model"];
    /// <summary>What titles, descriptions and ports are made of.</summary>
    public static readonly IReadOnlyList<string> Words = MakeWords();

    public static string NameOf(int component) => $"component-{component:00000}";

    /// <summary>Three words.</summary>
    public static string TitleOf(int component) => Sentence(new Random(component), 3);

    public static string NumberOf(int version) => $"1.{version}.0";

    /// <param name="blobs">Folder <c>blobs</c> of the registry.</param>
    public static async Task RunAsync(DbConnection connection, string blobs, int components)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using var rows = new Rows(connection, transaction);
        await rows.InsertAsync("namespaces", ("Id", 1000L), ("Name", Space), ("CreatedAt", (long)Now));
        for (var component = 1; component <= components; component++)
            await ComponentAsync(rows, blobs, component);
        await rows.InsertAsync("events", ("Serial", 1L), ("At", (long)Now), ("Kind", "namespace.created"), ("Subject", Space), ("Payload", "{}"));
        await rows.RunAsync("""UPDATE event_head SET "Serial" = 1 WHERE "Id" = 1""");
        await transaction.CommitAsync();
    }

    private static async Task ComponentAsync(Rows rows, string blobs, int component)
    {
        var random = new Random(component);
        var (name, title, description) = (NameOf(component), Sentence(random, 3), Sentence(random, 20));
        await rows.InsertAsync("components", ("Id", (long)component), ("NamespaceId", 1000L), ("Name", name), ("Kind", ComponentKind.Component),
            ("DisplayName", title), ("Description", description), ("Category", $"Category {component % 20}"), ("GroupName", $"Group {component % 7}"),
            ("Tags", $"""["{Words[component % 50]}"]"""), ("CreatedAt", (long)Now), ("UpdatedAt", (long)Now));
        var inputs = Enumerable.Range(0, 3 + component % 4).Select(_ => Port(random)).ToList();
        var outputs = new List<Port> { Port(random) with { Type = "Dataset", Passing = PortPassing.File, Default = null } };
        for (var version = 0; version < VersionsPerComponent; version++)
        {
            // Each version adds an input and says something else.
            inputs.Add(Port(random));
            var definition = new Definition
            {
                Name = name,
                DisplayName = title,
                Description = $"{description} {Sentence(random, 8)}",
                Language = SourceLanguage.Python,
                MainFile = name + ".py",
                Inputs = inputs,
                Outputs = outputs,
            };
            await VersionAsync(rows, blobs, component, version, definition);
        }
    }

    private static async Task VersionAsync(Rows rows, string blobs, int component, int version, Definition definition)
    {
        var id = (long)component * VersionsPerComponent + version;
        var json = DefinitionJson.Write(definition);
        var image = Digest.Of($"image {id}");
        await rows.InsertAsync("versions", ("Id", id), ("ComponentId", (long)component), ("Number", NumberOf(version)), ("State", VersionState.Ready),
            ("BundleDigest", Digest.Of($"bundle {id}")), ("BundleBlob", Digest.Of($"blob {id}")), ("DefinitionDigest", Digest.Of(json)), ("Definition", json),
            ("Options", "{}"), ("Findings", "[]"), ("ImageDigest", image), ("Image", $"localhost:8080/{Space}/{definition.Name}@{image}"), ("Yanked", false),
            ("Deprecated", false), ("CreatedAt", (long)Now), ("ReadyAt", (long)Now), ("Message", $"Release {NumberOf(version)}"));
        await rows.InsertAsync("builds", ("Id", id), ("VersionId", id), ("NamespaceId", 1000L), ("Round", 1), ("State", "succeeded"), ("Attempt", 1), ("Fence", 1L), ("Beat", 1L), ("Engine", "docker 20.10.24"),
            ("CancelRequested", false), ("QueuedAt", (long)Now), ("NotBefore", 0L), ("StartedAt", (long)Now), ("EndedAt", (long)Now), ("ImageDigest", image));
        // Few have an icon.
        foreach (var form in RenditionForm.Kept.Where(form => form != RenditionForm.Icon))
        {
            var text = Encoding.UTF8.GetBytes($"# {form} of {definition.Name} {NumberOf(version)}\n{json}\n");
            var digest = Digest.Of(text);
            if (version == VersionsPerComponent - 1 && form is RenditionForm.Component or RenditionForm.Elyra or RenditionForm.Readme)
                Store(blobs, digest, text);
            await rows.InsertAsync("renditions", ("VersionId", id), ("Form", form), ("Revision", 1), ("Digest", digest), ("Size", (long)text.Length), ("CreatedAt", (long)Now));
        }
    }

    private static void Store(string blobs, string digest, byte[] text)
    {
        var hex = digest["sha256:".Length..];
        var folder = Directory.CreateDirectory(Path.Combine(blobs, "sha256", hex[..2]));
        File.WriteAllBytes(Path.Combine(folder.FullName, hex), text);
    }

    private static Port Port(Random random)
    {
        var type = Types[random.Next(Types.Length)];
        return new Port
        {
            Name = $"{Words[random.Next(Words.Count)]}_{Words[random.Next(Words.Count)]}",
            Type = type,
            Passing = PortTypes.IsValue(type) ? PortPassing.Value : PortPassing.File,
            Default = type == PortTypes.String ? Words[random.Next(Words.Count)] : null,
            Description = Sentence(random, 7),
            Position = new SourcePosition("main.py", random.Next(1, 200), 1),
        };
    }

    private static string Sentence(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[random.Next(Words.Count)]));

    private static string[] MakeWords()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 5000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(3, 10)).Select(_ => (char)('a' + random.Next(26)))))];
    }

    /// <summary>Inserts rows by column name with commands that are prepared once.</summary>
    private sealed class Rows(DbConnection connection, DbTransaction transaction) : IAsyncDisposable
    {
        private readonly Dictionary<string, DbCommand> _commands = [];

        public async Task InsertAsync(string table, params (string Column, object? Value)[] values)
        {
            if (!_commands.TryGetValue(table, out var command))
            {
                var columns = string.Join(", ", values.Select(value => $"\"{value.Column}\""));
                command = _commands[table] = Command($"INSERT INTO {table} ({columns}) VALUES ({string.Join(", ", values.Select(value => $"@{value.Column}"))})");
            }
            foreach (var (column, value) in values)
            {
                if (!command.Parameters.Contains($"@{column}"))
                {
                    var parameter = command.CreateParameter();
                    parameter.ParameterName = $"@{column}";
                    command.Parameters.Add(parameter);
                }
                command.Parameters[$"@{column}"].Value = value ?? DBNull.Value;
            }
            await command.ExecuteNonQueryAsync();
        }

        public async Task RunAsync(string sql)
        {
            await using var command = Command(sql);
            await command.ExecuteNonQueryAsync();
        }

        private DbCommand Command(string sql)
        {
            var command = connection.CreateCommand();
            (command.CommandText, command.Transaction) = (sql, transaction);
            return command;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var command in _commands.Values)
                await command.DisposeAsync();
        }
    }
}
