using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Claimed.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Builds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_builds_State_NotBefore",
                table: "builds");

            migrationBuilder.AddColumn<string>(
                name: "BuildLimits",
                table: "namespaces",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "BaseName",
                table: "builds",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DockerfileBlob",
                table: "builds",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Failure",
                table: "builds",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ImageBytes",
                table: "builds",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "LogCutFrom",
                table: "builds",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "LogCutTo",
                table: "builds",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "NamespaceId",
                table: "builds",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "Platform",
                table: "builds",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Recipe",
                table: "builds",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Round",
                table: "builds",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "SameAs",
                table: "builds",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "Start",
                table: "build_log_parts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "build_bases",
                columns: table => new
                {
                    BuildId = table.Column<long>(type: "INTEGER", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Digest = table.Column<string>(type: "TEXT", nullable: true),
                    ImageId = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_build_bases", x => new { x.BuildId, x.Name });
                    table.ForeignKey(
                        name: "FK_build_bases_builds_BuildId",
                        column: x => x.BuildId,
                        principalTable: "builds",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "builders",
                columns: table => new
                {
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Engine = table.Column<string>(type: "TEXT", nullable: true),
                    Platforms = table.Column<string>(type: "TEXT", nullable: false),
                    Fault = table.Column<string>(type: "TEXT", nullable: true),
                    Beat = table.Column<long>(type: "INTEGER", nullable: false),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    SeenAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Running = table.Column<int>(type: "INTEGER", nullable: false),
                    Concurrency = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_builders", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "webhook_deliveries",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    WebhookId = table.Column<long>(type: "INTEGER", nullable: false),
                    Serial = table.Column<long>(type: "INTEGER", nullable: false),
                    Attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    Status = table.Column<int>(type: "INTEGER", nullable: true),
                    Error = table.Column<string>(type: "TEXT", nullable: true),
                    Milliseconds = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhook_deliveries", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "webhooks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    NamespaceId = table.Column<long>(type: "INTEGER", nullable: false),
                    Url = table.Column<string>(type: "TEXT", nullable: false),
                    Secret = table.Column<string>(type: "TEXT", nullable: false),
                    Kinds = table.Column<string>(type: "TEXT", nullable: false),
                    Disabled = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", nullable: true),
                    Cursor = table.Column<long>(type: "INTEGER", nullable: false),
                    Failures = table.Column<int>(type: "INTEGER", nullable: false),
                    NotBefore = table.Column<long>(type: "INTEGER", nullable: false),
                    Holder = table.Column<string>(type: "TEXT", nullable: true),
                    Fence = table.Column<long>(type: "INTEGER", nullable: false),
                    Beat = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhooks", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_builds_NamespaceId_StartedAt",
                table: "builds",
                columns: new[] { "NamespaceId", "StartedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_builds_Recipe",
                table: "builds",
                column: "Recipe",
                filter: "\"Recipe\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_builds_State_NamespaceId_Id",
                table: "builds",
                columns: new[] { "State", "NamespaceId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_build_bases_Digest",
                table: "build_bases",
                column: "Digest");

            migrationBuilder.CreateIndex(
                name: "IX_build_bases_Name",
                table: "build_bases",
                column: "Name");

            migrationBuilder.CreateIndex(
                name: "IX_webhook_deliveries_WebhookId_Id",
                table: "webhook_deliveries",
                columns: new[] { "WebhookId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_webhooks_NamespaceId",
                table: "webhooks",
                column: "NamespaceId");

            // Rows from before belong to the namespace of their component.
            migrationBuilder.Sql("""
                UPDATE builds SET "Round" = 1, "NamespaceId" = (SELECT components."NamespaceId" FROM versions
                    JOIN components ON components."Id" = versions."ComponentId" WHERE versions."Id" = builds."VersionId")
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "build_bases");

            migrationBuilder.DropTable(
                name: "builders");

            migrationBuilder.DropTable(
                name: "webhook_deliveries");

            migrationBuilder.DropTable(
                name: "webhooks");

            migrationBuilder.DropIndex(
                name: "IX_builds_NamespaceId_StartedAt",
                table: "builds");

            migrationBuilder.DropIndex(
                name: "IX_builds_Recipe",
                table: "builds");

            migrationBuilder.DropIndex(
                name: "IX_builds_State_NamespaceId_Id",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "BuildLimits",
                table: "namespaces");

            migrationBuilder.DropColumn(
                name: "BaseName",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "DockerfileBlob",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "Failure",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "ImageBytes",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "LogCutFrom",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "LogCutTo",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "NamespaceId",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "Platform",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "Recipe",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "Round",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "SameAs",
                table: "builds");

            migrationBuilder.DropColumn(
                name: "Start",
                table: "build_log_parts");

            migrationBuilder.CreateIndex(
                name: "IX_builds_State_NotBefore",
                table: "builds",
                columns: new[] { "State", "NotBefore" });
        }
    }
}
