using System.Data.Common;
using System.Net;
using Claimed.Database;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Claimed.Registry.Tests.Storage;

/// <summary>What a database server says of its own trouble, and what clients of the registry hear of it.</summary>
public sealed class StorageFaultTests : IAsyncLifetime
{
    private readonly Trouble _trouble = new();
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(
        new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "None" },
        adjust: builder => builder.Services.ConfigureDbContext<RegistryContext>((_, options) => options.AddInterceptors(_trouble)));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(PostgresErrorCodes.DiskFull, 507, "storage-full", "INSUFFICIENT_STORAGE")]
    [InlineData(PostgresErrorCodes.OutOfMemory, 503, "database-unreachable", "UNAVAILABLE")]
    [InlineData(PostgresErrorCodes.TooManyConnections, 503, "database-unreachable", "UNAVAILABLE")]
    [InlineData(PostgresErrorCodes.AdminShutdown, 503, "database-unreachable", "UNAVAILABLE")]
    [InlineData(PostgresErrorCodes.CannotConnectNow, 503, "database-unreachable", "UNAVAILABLE")]
    [InlineData(PostgresErrorCodes.ConnectionFailure, 503, "database-unreachable", "UNAVAILABLE")]
    public async Task Trouble_of_the_database_server_is_a_clear_answer_and_passes(string state, int status, string type, string code)
    {
        var layer = "layer"u8.ToArray();
        _trouble.State = state;
        var publish = await _host.PublishAsync("acme", "greet", "1.0.0", ("component.yaml", Samples.ExistingImage()));
        Assert.Equal((status, type), ((int)publish.Status, publish["type"]));
        var push = await _host.Admin.SendAsync(HttpMethod.Post, $"/v2/acme/own/blobs/uploads/?digest={Digest.Of(layer)}", new ByteArrayContent(layer));
        Assert.Equal(status, (int)push.Status);
        Assert.Contains(code, push.Text, StringComparison.Ordinal);
        foreach (var answer in (Answer[])[publish, push])
        {
            Assert.DoesNotContain("of the server", answer.Text, StringComparison.Ordinal);
            Assert.Equal(status == 503, answer.Message.Headers.RetryAfter is not null);
        }
        _trouble.State = null;
        Assert.Equal(HttpStatusCode.Created, (await _host.PublishAsync("acme", "greet", "1.0.0", ("component.yaml", Samples.ExistingImage()))).Status);
    }

    [Fact]
    public void A_wrong_statement_is_neither_full_nor_away()
    {
        var wrong = new DbUpdateException("", Fault(PostgresErrorCodes.SyntaxError));
        Assert.Equal((false, false, false), (StorageFaults.IsFull(wrong), DatabaseFaults.IsAway(wrong), StorageFaults.MayPass(wrong)));
        var full = new DbUpdateException("", Fault(PostgresErrorCodes.DiskFull));
        Assert.Equal((true, false, true), (StorageFaults.IsFull(full), DatabaseFaults.IsAway(full), StorageFaults.MayPass(full)));
    }

    private static PostgresException Fault(string state) => new("text of the server", "ERROR", "ERROR", state);

    /// <summary>Ends every transaction at its last statement with what a server would say.</summary>
    private sealed class Trouble : DbCommandInterceptor
    {
        public string? State { get; set; }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
            State is { } state && command.CommandText.Contains("event_head", StringComparison.Ordinal) ? throw Fault(state) : ValueTask.FromResult(result);
    }
}
