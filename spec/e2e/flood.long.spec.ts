import { storyOfAFlood } from './support/flood.js';
import { story } from './support/house.js';

describe('A flood of 1,000 calls in 10 seconds', () => {
    story(
        'rings once, while one goes on chatting, and a friend gets through',
        (house) => storyOfAFlood(house, { calls: 1_000, rate: 100 }),
        120_000,
    );
});
