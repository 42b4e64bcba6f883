namespace Claimed.Components.Renditions;

/// <summary>The catalog that puts a namespace into the palette, and where a node takes its secrets from.</summary>
internal static class ElyraUsage
{
    public static IEnumerable<UsageText> Of(RenditionSource source, string registryUrl)
    {
        yield return new("elyra", "Elyra", $"Put all components of {source.Namespace} into the palette, then reload it.",
            $"curl -fsS --create-dirs -o \"$(jupyter --data-dir)/metadata/component-catalogs/{source.Namespace}.json\" \\\n"
            + $"  '{registryUrl}/catalogs/elyra/{source.Namespace}/url-catalog.json?runtime=kfp'");
        var secrets = SecretInputs.InEnvironment(source.Definition).Select(input => ClientInterface.OneLine(input.Name)).ToList();
        if (secrets.Count == 0)
            yield break;
        yield return new("elyra", "Elyra, secrets", "Leave these inputs empty; in the properties of the node add under Kubernetes Secrets:",
            string.Join('\n', secrets.Select(secret => $"Environment Variable: {secret}   Secret Name: {source.Name}   Secret Key: {secret}")));
    }
}
