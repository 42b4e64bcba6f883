using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Sites;

/// <summary>What one build hands to its steps, and takes back when it ends.</summary>
/// <param name="Arguments">Build arguments by name.</param>
/// <param name="Declared">Those that every stage must declare to know them.</param>
/// <param name="Undeclared">Names whose declaration would keep them in the history.</param>
public sealed record SiteAccess(IReadOnlyDictionary<string, string> Arguments, IReadOnlyCollection<string> Declared, IReadOnlyCollection<string> Undeclared, Action End) : IDisposable
{
    /// <summary>For a site without settings of this kind.</summary>
    public static SiteAccess None { get; } = new(new Dictionary<string, string>(), [], [], () => { });

    public void Dispose() => End();
}

/// <summary>
/// The way of build steps to packages: a proxy in this process that knows the site's addresses, passwords and certificates, so that steps need
/// none of them. It starts with the first build of a site that has such settings, and serves only builds that run.
/// </summary>
public sealed partial class SiteGateway(
    SiteClient client, PackageIndex index, IImageBuilder engine, SecretTexts secrets, IOptions<SiteOptions> options, IOptions<BuildOptions> builds,
    ILoggerFactory loggers, ILogger<SiteGateway> logger) : IAsyncDisposable
{
    private const string NotProxied = "localhost,127.0.0.1,::1";

    private readonly GatewayTickets _tickets = new();
    private readonly SemaphoreSlim _turn = new(1);
    private WebApplication? _app;
    private string _address = "";

    /// <exception cref="EngineUnavailableException">Nobody can say under which address steps would reach this process.</exception>
    public async Task<SiteAccess> OpenAsync(CancellationToken cancellation)
    {
        if (!options.Value.IsSet)
            return SiteAccess.None;
        await StartAsync(cancellation);
        var ticket = _tickets.Issue();
        string?[] hidden = [ticket, SiteCredentials.Read(options.Value.Pip.Credentials)?.Password, SiteCredentials.Read(options.Value.HttpProxyCredentials)?.Password];
        secrets.Add(hidden);
        var arguments = new Dictionary<string, string>(SiteHosts.Arguments);
        var proxy = $"http://{GatewayTickets.User}:{ticket}@{_address}/";
        // Without a proxy of the site HTTPS goes its own way, as it would without us.
        foreach (var name in options.Value.HttpProxy is null ? ["http_proxy"] : (string[])["http_proxy", "https_proxy"])
            arguments[name] = arguments[name.ToUpperInvariant()] = proxy;
        arguments["no_proxy"] = arguments["NO_PROXY"] = NotProxied;
        return new SiteAccess(arguments, [.. SiteHosts.Arguments.Keys], SiteHosts.Undeclared, () =>
        {
            _tickets.End(ticket);
            secrets.Remove(ticket);
        });
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        if (_app is not null)
            return;
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_app is not null)
                return;
            var (listen, host) = await PlaceAsync(cancellation);
            var app = Make(listen);
            try
            {
                await app.StartAsync(cancellation);
            }
            catch (IOException taken)
            {
                await app.DisposeAsync();
                throw new EngineUnavailableException($"The gateway of builds cannot listen on {listen} (Builds__Gateway__Listen): {taken.Message}", taken);
            }
            var port = BindingAddress.Parse(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()).Port;
            _address = $"{host}:{port}";
            _app = app;
            LogStarted(logger, listen.Address.ToString(), port);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Where to listen, and what steps call that place.</summary>
    private async Task<(IPEndPoint Listen, string Host)> PlaceAsync(CancellationToken cancellation)
    {
        var set = options.Value.Gateway;
        if (builds.Value.NetworkMode == "host")
            return (set.Listen is { } own ? IPEndPoint.Parse(own) : new IPEndPoint(IPAddress.Loopback, 0), set.Host ?? IPAddress.Loopback.ToString());
        if (set is { Listen: { } listen, Host: { } host })
            return (IPEndPoint.Parse(listen), host);
        if (builds.Value.EngineEndpoint.Scheme != "unix")
            throw new EngineUnavailableException("The engine is on another machine: say under which address its steps reach this builder, with Builds__Gateway__Listen and Builds__Gateway__Host.");
        var bridge = await engine.BridgeAsync(builds.Value.NetworkMode, cancellation)
            ?? throw new EngineUnavailableException("The engine does not say under which address its steps reach this machine: set Builds__Gateway__Listen and Builds__Gateway__Host.");
        // Podman makes its bridge with the first container: until then nobody can listen on it.
        var isThere = System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses).Any(address => address.Address.Equals(bridge));
        return (set.Listen is { } chosen ? IPEndPoint.Parse(chosen) : new IPEndPoint(isThere ? bridge : IPAddress.Any, 0), set.Host ?? bridge.ToString());
    }

    private WebApplication Make(IPEndPoint listen)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddHttpForwarder();
        var tunnel = new GatewayTunnel(client, _tickets);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The host of a request to a proxy is where it is to go, not where we are.
            kestrel.AllowHostHeaderOverride = true;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(listen, place =>
            {
                place.Protocols = HttpProtocols.Http1;
                place.Use(next => connection => tunnel.RunAsync(connection, () => next(connection)));
            });
        });
        var app = builder.Build();
        var requests = new GatewayRequests(index, client, _tickets, app.Services.GetRequiredService<Yarp.ReverseProxy.Forwarder.IHttpForwarder>(), options);
        app.Run(requests.AnswerAsync);
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _turn.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Build steps get their packages through the gateway on {Address}, port {Port}.")]
    private static partial void LogStarted(ILogger logger, string address, int port);
}
