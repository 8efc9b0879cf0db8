export const dynamic = "force-dynamic";

export default function Layout({ children }) {
  return (
    <html lang="en" data-dsn={process.env.DSN}>
      <body>{children}</body>
    </html>
  );
}
