using System.Net.Http.Json;

namespace Claimed.TestKit;

/// <summary>Trusted publishing in the words of the product.</summary>
public static class Trust
{
    /// <summary>Settings of a registry that knows these issuers, each by its name and kind.</summary>
    public static Dictionary<string, string> Settings(params (string Name, string Kind, TestIssuer Issuer)[] issuers)
    {
        var settings = new Dictionary<string, string>();
        foreach (var (name, kind, issuer) in issuers)
        {
            settings[$"Access:Issuers:{name}:Url"] = issuer.Url;
            settings[$"Access:Issuers:{name}:Kind"] = kind;
            settings[$"Access:Issuers:{name}:AllowHttp"] = "true";
        }
        return settings;
    }

    /// <summary>Adds a rule as the administrator.</summary>
    public static Task<Answer> TrustAsync(this RegistryHost host, string pattern, string issuer, params (string Name, object Value)[] claims) =>
        host.Admin.JsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{pattern.Split('/')[0]}/trust",
            new { pattern, issuer, claims = claims.ToDictionary(claim => claim.Name, claim => claim.Value) });

    /// <summary>Exchanges a job's token for a component or a namespace.</summary>
    public static Task<Answer> ExchangeAsync(this RegistryHost host, string token, string component) =>
        host.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/trust/token", JsonContent.Create(new { token, component }));

    /// <summary>Publishes a version that needs no build, with fields.</summary>
    public static Task<Answer> PublishFieldsAsync(this HttpClient client, string path, string word, params (string Name, string Value)[] fields)
    {
        var upload = new Multipart().Source("component.yaml", Samples.ExistingImage(word));
        foreach (var (name, value) in fields)
            upload.Field(name, value);
        return client.SendAsync(HttpMethod.Put, $"/api/v1/components/{path}", upload.ToContent());
    }
}
