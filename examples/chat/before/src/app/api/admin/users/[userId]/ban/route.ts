import { NextResponse } from "next/server";
import { recordAuditEvent } from "@/lib/audit";
import { prisma } from "@/lib/prisma";

export async function POST(request: Request, { params }: { params: { userId: string } }) {
  const { adminId, reason } = await request.json();
  await prisma.user.update({ where: { id: params.userId }, data: { banned: true } });
  await recordAuditEvent(adminId, "user.ban", params.userId, { reason });
  return NextResponse.json({ ok: true });
}
