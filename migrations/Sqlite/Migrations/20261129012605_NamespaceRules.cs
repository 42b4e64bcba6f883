using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Claimed.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class NamespaceRules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "ExpiresAt",
                table: "versions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ImmutableTags",
                table: "namespaces",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "QuotaBytes",
                table: "namespaces",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "QuotaRepositories",
                table: "namespaces",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Retention",
                table: "namespaces",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "UsedBytes",
                table: "namespaces",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "UsedRepositories",
                table: "namespaces",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "IX_versions_ExpiresAt",
                table: "versions",
                column: "ExpiresAt",
                filter: "\"ExpiresAt\" IS NOT NULL AND \"PurgedAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_image_manifests_Digest",
                table: "image_manifests",
                column: "Digest");

            // What existing repositories hold. A digest that several of them have, or that is a blob and a manifest, counts once.
            migrationBuilder.Sql("""
                UPDATE namespaces SET
                  "UsedBytes" = CAST((SELECT coalesce(sum(held."Size"), 0) FROM (
                    SELECT b."Digest", b."Size" FROM image_repositories r JOIN image_blobs b ON b."RepositoryId" = r."Id"
                      WHERE r."Name" > namespaces."Name" || '/' AND r."Name" < namespaces."Name" || '0'
                    UNION SELECT m."Digest", m."Size" FROM image_repositories r JOIN image_manifests m ON m."RepositoryId" = r."Id"
                      WHERE r."Name" > namespaces."Name" || '/' AND r."Name" < namespaces."Name" || '0') held) AS BIGINT),
                  "UsedRepositories" = (SELECT count(*) FROM image_repositories r WHERE r."Name" > namespaces."Name" || '/' AND r."Name" < namespaces."Name" || '0'
                    AND (EXISTS (SELECT 1 FROM image_blobs b WHERE b."RepositoryId" = r."Id") OR EXISTS (SELECT 1 FROM image_manifests m WHERE m."RepositoryId" = r."Id")))
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_versions_ExpiresAt",
                table: "versions");

            migrationBuilder.DropIndex(
                name: "IX_image_manifests_Digest",
                table: "image_manifests");

            migrationBuilder.DropColumn(
                name: "ExpiresAt",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "ImmutableTags",
                table: "namespaces");

            migrationBuilder.DropColumn(
                name: "QuotaBytes",
                table: "namespaces");

            migrationBuilder.DropColumn(
                name: "QuotaRepositories",
                table: "namespaces");

            migrationBuilder.DropColumn(
                name: "Retention",
                table: "namespaces");

            migrationBuilder.DropColumn(
                name: "UsedBytes",
                table: "namespaces");

            migrationBuilder.DropColumn(
                name: "UsedRepositories",
                table: "namespaces");
        }
    }
}
