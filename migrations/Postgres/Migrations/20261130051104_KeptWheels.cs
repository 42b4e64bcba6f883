using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Claimed.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class KeptWheels : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Lists may have had those that are there.
            migrationBuilder.AddColumn<bool>(
                name: "Kept",
                table: "wheels",
                type: "boolean",
                nullable: false,
                defaultValue: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Kept",
                table: "wheels");
        }
    }
}
