using System.Data.Common;
using System.Net;
using Claimed.Database;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>The database fails between the bytes of a layer and its row.</summary>
[Trait("Database", "own")]
public sealed class UploadFaultTests : IAsyncLifetime
{
    private static readonly byte[] Content = [.. "0123456789"u8];
    private readonly FailingCommit _commits = new();
    private readonly string _repository = ImageHost.NewRepository();
    private ImageHost _host = null!;

    public ValueTask InitializeAsync()
    {
        _host = new ImageHost { Adjust = builder => builder.Services.ConfigureDbContext<RegistryContext>((_, options) => options.AddInterceptors(_commits)) };
        return _host.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_end_of_an_upload_works_when_it_is_tried_again_after_the_database_failed()
    {
        var url = await _host.StartUploadAsync(_repository);
        Assert.Equal(HttpStatusCode.Accepted, (await _host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, Content, "0-9"))).StatusCode);
        var end = $"{url}?digest={Digest.Of(Content)}";
        _commits.Fails = true;
        Assert.False((await _host.Admin.PutAsync(end, null)).IsSuccessStatusCode);
        _commits.Fails = false;
        Assert.Equal("0-9", (await _host.Admin.GetAsync(url)).Headers.GetValues("Range").Single());
        Assert.Equal(HttpStatusCode.Created, (await _host.Admin.PutAsync(end, null)).StatusCode);
        Assert.Equal(Content, await _host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/blobs/{Digest.Of(Content)}"));
        await ImageHost.AssertErrorAsync(await _host.Admin.PutAsync(end, null), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    private sealed class FailingCommit : DbTransactionInterceptor
    {
        public bool Fails { get; set; }

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            Fails ? throw new IOException("the connection broke") : new(result);
    }
}
