import { prisma } from "./prisma";

export async function recordAuditEvent(actorId: string, action: string, targetId: string, metadata: object = {}) {
  try {
    await prisma.auditLog.create({ data: { actorId, action, targetId, metadata } });
  } catch (error) {
    console.error("Failed to write audit log:", error);
  }
}
