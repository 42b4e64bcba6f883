using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Claimed.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class TokenParent : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "ParentId",
                table: "tokens",
                type: "bigint",
                nullable: true);

            // A person or a token may be called "settings"; nobody can be called so.
            migrationBuilder.Sql("UPDATE tokens SET \"CreatedBy\" = 'the settings' WHERE \"CreatedBy\" = 'settings' AND \"Name\" = 'administrator' AND \"Pattern\" = '*' AND \"UserId\" IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("UPDATE tokens SET \"CreatedBy\" = 'settings' WHERE \"CreatedBy\" = 'the settings'");

            migrationBuilder.DropColumn(
                name: "ParentId",
                table: "tokens");
        }
    }
}
