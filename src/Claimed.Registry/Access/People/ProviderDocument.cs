using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Claimed.Registry.Access.People;

/// <summary>
/// The provider's discovery document and keys, kept for half a day. A token that is signed with a key that is not among them has the
/// document read again and is looked at once more: keys rotate without a failed sign-in. Unknown keys cannot make us ask more often than every few seconds.
/// </summary>
public sealed class ProviderDocument(string address, IDocumentRetriever reader, TimeProvider clock)
    : BaseConfigurationManager, IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(12);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile OpenIdConnectConfiguration? _current;
    private volatile bool _isDoubted;
    private long _readAt;

    /// <exception cref="ProviderAwayException">The provider does not answer, or not with such a document.</exception>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        if (_current is { } current && !IsOld())
            return current;
        await _turn.WaitAsync(cancel);
        try
        {
            if (_current is not null && !IsOld())
                return _current;
            // Also after a failure: who does not answer is not asked for every sign-in.
            _readAt = clock.GetTimestamp();
            _isDoubted = false;
            return _current = await OpenIdConnectConfigurationRetriever.GetAsync(address, reader, cancel);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or InvalidOperationException or ArgumentException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return _current ?? throw new ProviderAwayException(address, fault);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override async Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel) => await GetConfigurationAsync(cancel);

    public override void RequestRefresh() => _isDoubted = true;

    private bool IsOld() => clock.GetElapsedTime(_readAt) is var age && (age > Kept || (_isDoubted && age > Pause));

    public void Dispose() => _turn.Dispose();
}

/// <summary>The identity provider cannot be asked now.</summary>
public sealed class ProviderAwayException(string address, Exception cause) : Exception($"{address} cannot be read: {cause.GetBaseException().Message}", cause);
