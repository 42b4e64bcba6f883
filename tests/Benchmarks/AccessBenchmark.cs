using System.Globalization;
using Claimed.Registry;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Claimed.Benchmarks;

/// <summary>What it costs a cached read to know who asks: with a token against without, in turns, with few tokens and with very many.</summary>
internal static class AccessBenchmark
{
    private const int Turns = 7;
    private const int Many = 100_000;
    private const string Path = "/api/v1/components/bench/read/versions/1.0.0/component.yaml";

    public static async Task RunAsync(Report report)
    {
        foreach (var tokens in new[] { 1, Many })
        {
            var folder = Workspace.Folder("access");
            await FillAsync(folder, tokens);
            await using var registry = await RunningRegistry.StartAsync(folder);
            await ReadBenchmark.PublishAsync(registry, "read", "1.0.0", Samples.ExistingImage("read"));
            var url = new Uri(registry.Address, Path);
            string[] headers = ["-H", $"Authorization: Bearer {TokenOf(tokens / 2)}"];
            await Wrk.RunAsync(url, [], 2);
            await Wrk.RunAsync(url, headers, 2);
            var ratios = new List<double>();
            for (var turn = 0; turn < Turns; turn++)
            {
                var before = await Wrk.RunAsync(url, []);
                var signedIn = await Wrk.RunAsync(url, headers);
                var after = await Wrk.RunAsync(url, []);
                ratios.Add(signedIn / ((before + after) / 2));
            }
            report.Add("access", string.Create(CultureInfo.InvariantCulture, $"cached form of 1 KB with a token, against without, {tokens:N0} tokens"), ratios.Median(), "×", atLeast: 0.9);
        }
    }

    private static string TokenOf(int number) => $"benchmark-token-of-a-reader-{number:000000}";

    private static async Task FillAsync(string folder, int count)
    {
        await using var app = RegistryApp.Build([$"--Registry:DataPath={folder}"]);
        await app.Services.GetRequiredService<SchemaUpdate>().ApplyAsync(CancellationToken.None);
        await using var connection = new SqliteConnection($"Data Source={System.IO.Path.Combine(folder, "registry.db")}");
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var insert = connection.CreateCommand();
        insert.CommandText = """INSERT INTO tokens ("Name", "Hash", "Scopes", "Pattern", "CreatedBy", "CreatedAt") VALUES ('reader', $hash, 'pull', 'bench/*', 'benchmark', 0)""";
        var hash = insert.Parameters.Add("$hash", SqliteType.Text);
        for (var number = 0; number < count; number++)
        {
            hash.Value = TokenText.HashOf(TokenOf(number));
            await insert.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
    }
}
