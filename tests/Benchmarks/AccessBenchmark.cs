using System.Globalization;
using System.Net.Http.Headers;
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
    private const int PrivateNamespaces = 50;
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
            await MeasureAsync(report, url, TokenOf(tokens / 2), string.Create(CultureInfo.InvariantCulture, $"a token of a namespace, {tokens:N0} tokens"));
            await MeasureAsync(report, url, await MemberAsync(registry), string.Create(CultureInfo.InvariantCulture, $"a token of a person in 10 of {PrivateNamespaces} private namespaces, {tokens:N0} tokens"));
        }
    }

    private static async Task MeasureAsync(Report report, Uri url, string token, string who)
    {
        string[] headers = ["-H", $"Authorization: Bearer {token}"];
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
        report.Add("access", $"cached form of 1 KB with {who}, against without", ratios.Median(), "×", atLeast: 0.9);
    }

    /// <summary>Makes private namespaces and a person who sees some of them; returns the person's token.</summary>
    private static async Task<string> MemberAsync(RunningRegistry registry)
    {
        using var admin = new HttpClient { BaseAddress = registry.Address };
        admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningRegistry.Token);
        await admin.JsonAsync(HttpMethod.Put, "/api/v1/users/ada", new { displayName = "Ada" });
        for (var number = 0; number < PrivateNamespaces; number++)
        {
            await admin.JsonAsync(HttpMethod.Put, $"/api/v1/namespaces/private-{number}");
            await admin.JsonAsync(HttpMethod.Patch, $"/api/v1/namespaces/private-{number}", new { visibility = "private" });
            if (number % 5 == 0)
                await admin.JsonAsync(HttpMethod.Put, $"/api/v1/namespaces/private-{number}/members/user/ada", new { role = "reader" });
        }
        var made = await admin.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "laptop", user = "ada", scopes = new[] { "pull" } });
        var token = made["token"] ?? throw new InvalidOperationException(made.Text);
        using var reader = new HttpClient { BaseAddress = registry.Address };
        reader.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var seen = (await reader.SendAsync(HttpMethod.Get, "/api/v1/namespaces?limit=200")).Items.Count(space => space.GetProperty("visibility").GetString() == "private");
        return seen == PrivateNamespaces / 5 ? token : throw new InvalidOperationException($"The person sees {seen} private namespaces.");
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
