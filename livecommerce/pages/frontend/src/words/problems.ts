// What a problem means to the person before the screen; the server's own sentence is English.
import { Problem, OFFLINE } from '../api/http';
import { lang, words } from './lang';
import { shared } from './shared';

const zh: Record<string, string> = {
  'sold-out': '手慢了，库存不足。',
  'too-many': '超过每人限购数量。',
  'sign-in-first': '请先登录。',
  'not-allowed': '您的角色不能执行这一操作。',
  'not-yours': '没有找到，或者不归您查看。',
  'body-invalid': '有的内容填写不正确，请检查。',
  'slot-taken': '该时段的资源已被占用。',
  'down': '系统正在恢复，请稍后再试。',
  'wrong-password': '邮箱或密码不正确。',
  'bad-credentials': '邮箱或密码不正确。',
  'wrong-credentials': '邮箱或密码不正确。',
  'quote-expired': '报价已过期，请重新计算。',
  'hold-lapsed': '保留时间已过，商品已放回库存。',
  'holds-lapsed': '保留时间已过，商品已放回库存。',
  'not-on-air': '直播尚未开始。',
  'wrong-state': '当前状态不能执行这一操作。',
  'throttled': '操作太频繁，请稍后再试。',
  'too-fast': '操作太频繁，请稍后再试。',
  'muted': '您已被禁言。',
};

const kinds = words(
  {
    401: '请先登录。', 403: '您的角色不能执行这一操作。', 404: '没有找到，或者不归您查看。',
    409: '现在不能这样做，情况已经变化。', 422: '有的内容填写不正确，请检查。',
    429: '操作太频繁，请稍后再试。', 500: '系统出错了，我们已经记录。', 503: '系统正在恢复，请稍后再试。',
  } as Record<number, string>,
  {
    401: 'Sign in first.', 403: 'Your role does not allow this.', 404: 'There is no such thing.',
    409: 'That is not possible any more.', 422: 'Something is not filled in correctly.',
    429: 'Too fast; try again in a moment.', 500: 'Something broke on our side; it is recorded.',
    503: 'The system is recovering; try again in a moment.',
  } as Record<number, string>,
);

export function problemText(error: unknown): string {
  if (!(error instanceof Problem)) return kinds.value[500] ?? '';
  if (error.code === OFFLINE) return shared.value.offline;
  const known = lang.value === 'en' ? error.title : zh[error.code];
  return known || kinds.value[error.status] || error.title;
}
