namespace Claimed.Registry.Http;

/// <summary>An answer of an endpoint, for the OpenAPI document: what it means and what it looks like.</summary>
/// <param name="Description">One sentence.</param>
/// <param name="Example">JSON, or the text itself for other content types.</param>
public sealed record AnswerDoc(int Status, string Description, string? Example);

/// <summary>The JSON body that an endpoint reads by itself, for the OpenAPI document.</summary>
public sealed record JsonRequest(Type Type, string Example);

/// <summary>How routes say what they answer, so that every operation is documented with its errors and an example.</summary>
public static class EndpointDocs
{
    /// <summary>The endpoint answers with this document.</summary>
    public static RouteHandlerBuilder Returns<T>(
        this RouteHandlerBuilder route, int status, string description, string? example = null, string contentType = "application/json", params string[] others) =>
        route.Produces<T>(status, contentType, others).WithMetadata(new AnswerDoc(status, description, example));

    /// <summary>The endpoint answers without a body.</summary>
    public static RouteHandlerBuilder Returns(this RouteHandlerBuilder route, int status, string description) =>
        route.Produces(status).WithMetadata(new AnswerDoc(status, description, null));

    /// <summary>The endpoint may refuse with problems of these types.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, int status, params string[] types) =>
        route.ProducesProblem(status).WithMetadata(new AnswerDoc(status, "Problem: " + string.Join(", ", types.Select(type => $"`{type}`")) + ".",
            Json.Write(new { type = types[0], title = "What is wrong, the same sentence each time.", status, detail = "What, where and how to fix it." })));
}
